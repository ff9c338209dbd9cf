using System.Buffers;
using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Answers;
using FhirEmr.FhirServer.Storage.Bodies;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>An answer as it is kept for repeats of its request (reliability R-20): status, headers and body; or, for large ones, what was written.</summary>
/// <remarks>
/// Bodies up to 256 KiB are kept, compressed. Larger ones, and transactions that also read, are made again from the versions written, which
/// never change; their reads are done again.
/// </remarks>
internal static class KeptReply
{
    public const int MostBody = 256 * 1024;

    public static KeptAnswer Of(FhirRequest request, FhirReply reply, DateTimeOffset now) => Of(request, reply.Status, now, json =>
    {
        json.WriteStartObject();
        if (reply.Location is not null)
            json.WriteString("location"u8, reply.Location);
        if (reply.Version is { } version)
            json.WriteNumber("version"u8, version);
        if (reply.LastModified is { } modified)
            json.WriteNumber("modified"u8, modified.ToUnixTimeMilliseconds());
        json.WriteStartObject("headers"u8);
        foreach (var (name, value) in reply.Headers)
            json.WriteString(name, value);
        json.WriteEndObject();
        if (!reply.Json.IsEmpty)
        {
            json.WritePropertyName("body"u8);
            json.WriteRawValue(reply.Json.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
    });

    /// <param name="outcomes">By entry; null for entries that write nothing.</param>
    public static KeptAnswer OfWritten(FhirRequest request, int status, IReadOnlyList<WriteOutcome?> outcomes, DateTimeOffset now) => Of(request, status, now, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("written"u8);
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i] is not { } outcome)
                continue;
            json.WriteStartArray();
            json.WriteNumberValue(i);
            json.WriteNumberValue((int)outcome.Kind);
            if (outcome.Resource is { } resource)
            {
                json.WriteStringValue(resource.Key.ToString());
                json.WriteNumberValue(resource.Version);
                json.WriteNumberValue(resource.LastUpdated.ToUnixTimeMilliseconds());
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>The reply as it was; or, with a body to be made again, what was written.</summary>
    public static (FhirReply? Reply, ReadOnlyMemory<byte> Written) Read(KeptAnswer kept)
    {
        var bytes = BodyCodec.Shipped.Decompress(kept.Answer);
        using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = (2 * FhirJsonParse.MaxDepth) + 16 });
        var root = document.RootElement;
        if (root.TryGetProperty("written"u8, out var written))
            return (null, Encoding.UTF8.GetBytes(written.GetRawText()));

        return (new FhirReply(kept.Status)
        {
            Location = root.TryGetProperty("location"u8, out var location) ? location.GetString() : null,
            Version = root.TryGetProperty("version"u8, out var version) ? version.GetInt32() : null,
            LastModified = root.TryGetProperty("modified"u8, out var modified) ? FhirInstant.FromMilliseconds(modified.GetInt64()) : null,
            Headers = [.. root.GetProperty("headers"u8).EnumerateObject().Select(h => (h.Name, h.Value.GetString()!))],
            Json = root.TryGetProperty("body"u8, out var body) ? Encoding.UTF8.GetBytes(body.GetRawText()) : default,
        }, default);
    }

    /// <summary>What the first run wrote, by entry, with the bodies of those versions when the answer shows them.</summary>
    public static async Task<WriteOutcome?[]> OutcomesAsync(IResourceStore store, FhirRequest request, int entries, CancellationToken ct)
    {
        var outcomes = new WriteOutcome?[entries];
        using var written = JsonDocument.Parse(request.Idempotency!.Written);
        foreach (var item in written.RootElement.EnumerateArray())
        {
            var kind = (WriteKind)item[1].GetInt32();
            StoredResource? resource = null;
            if (item.GetArrayLength() > 2 && ResourceKey.TryParseRelative(item[2].GetString(), out var key, out _))
            {
                var version = item[3].GetInt32();
                resource = await store.ReadVersionAsync(key, version, request.Caller.Access, ct)
                    ?? new(0, key, version, FhirInstant.FromMilliseconds(item[4].GetInt64()), kind == WriteKind.Deleted, "PUT", default); // purged since
            }

            outcomes[item[0].GetInt32()] = new(kind, resource);
        }

        return outcomes;
    }

    private static KeptAnswer Of(FhirRequest request, int status, DateTimeOffset now, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new() { SkipValidation = true }))
            write(json);
        var key = request.Idempotency!;
        return new(request.Caller.Name, key.Name, key.Digest, status, now.ToUnixTimeMilliseconds(), BodyCodec.Shipped.Compress(buffer.WrittenSpan));
    }
}
