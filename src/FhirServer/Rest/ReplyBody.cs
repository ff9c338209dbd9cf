using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Rest;

/// <summary>The JSON of an answer in parts: stored bytes stand in it as they are, and what large Binaries hold is named and follows when written.</summary>
internal sealed class ReplyBody
{
    private static ReadOnlySpan<byte> BinaryStart => "{\"resourceType\":\"Binary\""u8;

    private readonly List<ReplyPart> parts = [];

    /// <summary>Bytes once written, contents in base64 included.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of it that are in memory.</summary>
    public long Held { get; private set; }

    /// <summary>Resources that a Bundle in it shows as entries, what was included beside them left out.</summary>
    public int Entries { get; set; }

    /// <summary>Whether a content has still to be fetched.</summary>
    public bool HasContent { get; private set; }

    public IReadOnlyList<ReplyPart> Parts => parts;

    public static ReplyBody Of(ReadOnlyMemory<byte> resource)
    {
        var body = new ReplyBody();
        body.AddResource(resource);
        return body;
    }

    public void Add(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
            return;
        parts.Add(new(json, null));
        Length += json.Length;
        Held += json.Length;
    }

    /// <summary>Adds a resource as stored: where a Binary has a pointer, <c>"data":"..."</c> will be written.</summary>
    public void AddResource(ReadOnlyMemory<byte> resource)
    {
        if (!MayHaveContent(resource.Span) || ContentPointer.Find(resource.Span, out var from, out var to) is not { } content)
        {
            Add(resource);
            return;
        }

        Add(resource[..from]);
        Add("\"data\":\""u8.ToArray());
        AddContent(content);
        Add("\""u8.ToArray());
        Add(resource[to..]);
    }

    /// <summary>Cheap: whether <see cref="AddResource"/> would look for a pointer at all.</summary>
    public static bool MayHaveContent(ReadOnlySpan<byte> resource) => resource.StartsWith(BinaryStart);

    /// <summary>The base64 of a content stands here.</summary>
    public void AddContent(ContentPointer content)
    {
        parts.Add(new(default, content));
        Length += content.Base64Length;
        HasContent = true;
    }

    /// <summary>The parts of another answer, in their order.</summary>
    public void Add(ReplyBody other)
    {
        parts.AddRange(other.parts);
        Length += other.Length;
        Held += other.Held;
        HasContent |= other.HasContent;
    }

    /// <summary>The whole in one piece, for those in process; a content is represented by what <paramref name="stand"/> gives for it.</summary>
    public ReadOnlyMemory<byte> Join(Func<ContentPointer, byte[]>? stand = null)
    {
        if (parts is [{ Content: null } only])
            return only.Bytes;

        using var joined = new MemoryStream(HasContent ? 4096 : (int)Length);
        foreach (var (bytes, content) in parts)
            joined.Write(content is null ? bytes.Span : stand?.Invoke(content) ?? default(ReadOnlySpan<byte>));
        return joined.GetBuffer().AsMemory(0, (int)joined.Length);
    }
}

/// <summary>Bytes to write, or the content whose base64 stands here.</summary>
internal readonly record struct ReplyPart(ReadOnlyMemory<byte> Bytes, ContentPointer? Content);
