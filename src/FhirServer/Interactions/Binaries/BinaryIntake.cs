using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Binaries;

/// <summary>What a Binary on its way into the store becomes: small ones stay as they are, of large ones the content goes ahead in pieces.</summary>
/// <remarks>https://hl7.org/fhir/R4/binary.html. The same for a request of its own, an entry of a Bundle, and bytes sent as they are.</remarks>
internal sealed class BinaryIntake(IResourceStore store, ContentStore contents)
{
    /// <summary>Up to here the content stays in the resource: reading it back then costs one row.</summary>
    public const int InlineBytes = 64 * 1024;

    /// <summary>Most bytes one Binary may hold (security §8).</summary>
    public const long MaxBytes = 100L * 1024 * 1024;

    public static FhirFault TooLarge() => FhirFault.Of(FaultKind.TooLarge, $"A Binary holds at most {MaxBytes / (1024 * 1024)} MiB.", "Binary.data");

    /// <summary>The request as it can be written, with what was stored ahead for it (null for nothing), or why it is refused.</summary>
    public async ValueTask<(FhirRequest Request, ContentPointer? Ahead, FhirFault? Fault)> TakeAsync(FhirRequest request, CancellationToken ct)
    {
        var body = request.Body;
        if (!body.Exists || body.Type.Name != "Binary" || request.Method == "PATCH") // there it is a patch, and no content
            return (request, null, null);

        var data = body.Child("data");
        if (!data.Exists || data.Raw.Length <= InlineBytes / 3 * 4)
            return (request, null, null);

        await using var content = new Base64Reader(data.Raw.Contains((byte)'\\') ? data.Utf8.ToArray() : body.Tree.Source[data.Start..data.End]);
        if (await contents.StoreAsync(content, MaxBytes, ct) is not { } ahead)
            return (request, null, TooLarge());

        var settled = await SettleAsync(request.Target.Id is { } id ? new("Binary", id) : null, ahead, request.Caller.Access, ct);
        var (replaced, fault) = Parse(WithPointer(body, data, settled));
        if (settled != ahead)
            ahead = null;
        if (fault is not null)
            await AbandonAsync(ahead);
        return (request with { Body = replaced }, ahead, fault);
    }

    /// <summary>Bytes as they came → the Binary around them, with what was stored ahead for it, or why they are refused.</summary>
    public async Task<(FhirNode Body, ContentPointer? Ahead, FhirFault? Fault)> TakeRawAsync(
        Stream bytes, ResourceKey? key, string contentType, string? securityContext, AccessPlan access, CancellationToken ct)
    {
        if (Parse(Compose(key?.Id, contentType, securityContext, [])) is (_, { } wrong))
            return (default, null, wrong);

        var first = ArrayPool<byte>.Shared.Rent(InlineBytes + 1);
        try
        {
            var length = await bytes.ReadAtLeastAsync(first.AsMemory(0, InlineBytes + 1), InlineBytes + 1, throwOnEndOfStream: false, ct);
            if (length <= InlineBytes)
                return (Parse(Compose(key?.Id, contentType, securityContext, Data(first.AsSpan(0, length)))).Body, null, null);

            await using var whole = new HeadedStream(first.AsMemory(0, length), bytes);
            if (await contents.StoreAsync(whole, MaxBytes, ct) is not { } ahead)
                return (default, null, TooLarge());
            var settled = await SettleAsync(key, ahead, access, ct);
            return (Parse(Compose(key?.Id, contentType, securityContext, Encoding.ASCII.GetBytes("," + settled.Property))).Body, settled == ahead ? ahead : null, null);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(first);
        }
    }

    /// <summary>Takes back what was stored ahead of a write that was refused.</summary>
    public Task AbandonAsync(ContentPointer? ahead) => ahead is null ? Task.CompletedTask : contents.AbandonAsync(ahead);

    /// <summary>An update with the content that is there already refers to that: so it changes nothing, and makes no version.</summary>
    private async Task<ContentPointer> SettleAsync(ResourceKey? key, ContentPointer ahead, AccessPlan access, CancellationToken ct)
    {
        if (key is null || await store.ReadAsync(key.Value, access, ct) is not { IsDeleted: false } current
            || ContentPointer.Find(current.Json.Span, out _, out _) is not { } known || known.Size != ahead.Size || known.Digest != ahead.Digest)
            return ahead;
        await contents.AbandonAsync(ahead);
        return known;
    }

    /// <summary>The Binary as sent, the pointer in the place of its data.</summary>
    private static byte[] WithPointer(FhirNode body, FhirNode data, ContentPointer pointer)
    {
        var source = body.Tree.Source.Span;
        var colon = source[..(data.Start - 1)].LastIndexOf((byte)':');
        var nameEnd = source[..colon].LastIndexOf((byte)'"');
        var nameStart = source[..nameEnd].LastIndexOf((byte)'"');
        return [.. source[body.Start..nameStart], .. Encoding.ASCII.GetBytes(pointer.Property), .. source[(data.End + 1)..body.End]];
    }

    private static byte[] Compose(string? id, string contentType, string? securityContext, byte[] data)
    {
        var json = new ArrayBufferWriter<byte>(data.Length + 512);
        json.Write("{\"resourceType\":\"Binary\""u8);
        if (id is not null)
            Property("id", id);
        Property("contentType", contentType);
        if (securityContext is not null)
        {
            json.Write(",\"securityContext\":{\"reference\":"u8);
            json.Write(JsonSerializer.SerializeToUtf8Bytes(securityContext));
            json.Write("}"u8);
        }

        json.Write(data);
        json.Write("}"u8);
        return json.WrittenSpan.ToArray();

        void Property(string name, string value) => json.Write(Encoding.UTF8.GetBytes($",\"{name}\":\"{JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\""));
    }

    private static byte[] Data(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
            return [];
        var encoded = new byte[Base64.GetMaxEncodedToUtf8Length(content.Length)];
        Base64.EncodeToUtf8(content, encoded, out _, out _);
        return [.. ",\"data\":\""u8, .. encoded, (byte)'"'];
    }

    private static (FhirNode Body, FhirFault? Fault) Parse(ReadOnlyMemory<byte> json) => FhirJsonReader.Read(json, out var issues) is { } tree && issues.Count == 0
        ? (tree.Root, null)
        : (default, FhirFault.Structure(issues));
}
