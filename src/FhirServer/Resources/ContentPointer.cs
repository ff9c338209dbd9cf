using System.Globalization;
using System.Text;

namespace FhirEmr.FhirServer.Resources;

/// <summary>Where the content of a large Binary lies: in pieces beside the resource, which itself keeps only this pointer.</summary>
/// <remarks>
/// Stored as an extension on <c>Binary.data</c>, so that the row stays FHIR JSON. No client sees one: readers get the data in its place. The
/// seal is the store's keyed hash, so that nobody can write a pointer to what somebody else uploaded.
/// </remarks>
/// <param name="Size">Bytes of the content itself, before base64.</param>
/// <param name="Digest">SHA-256 of the content itself in lower-case hexadecimal.</param>
/// <param name="Envelope">How the pieces are encrypted; null for those stored before they were.</param>
internal sealed record ContentPointer(long Content, long Size, string Digest, long Seal, string? Envelope = null)
{
    /// <summary>Size of every piece but the last.</summary>
    public const int PieceBytes = 256 * 1024;

    private static readonly byte[] Start = Encoding.ASCII.GetBytes("\"_data\":{\"extension\":[{\"url\":\"urn:fhiremr:binary-content\",\"valueString\":\"");
    private static readonly byte[] Stop = Encoding.ASCII.GetBytes("\"}]}");

    /// <summary>Length of the content in base64.</summary>
    public long Base64Length => (Size + 2) / 3 * 4;

    /// <summary>What the seal is made over.</summary>
    public static string Sealed(long content, long size, string digest, string? envelope) =>
        string.Create(CultureInfo.InvariantCulture, $"content\n{content}\n{size}\n{digest}") + (envelope is null ? "" : "\n" + envelope);

    /// <summary>The property that stands in the stored JSON in place of <c>"data":"..."</c>.</summary>
    public string Property => $"{Encoding.ASCII.GetString(Start)}{Text}{Encoding.ASCII.GetString(Stop)}";

    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Content}.{Size}.{Digest}.{Seal:x16}") + (Envelope is null ? "" : "." + Envelope);

    /// <summary>Finds the pointer in the JSON of a Binary; <paramref name="from"/> and <paramref name="to"/> bound its property.</summary>
    /// <remarks>What is searched for has bare quotes, so it cannot stand inside a string.</remarks>
    public static ContentPointer? Find(ReadOnlySpan<byte> binary, out int from, out int to)
    {
        (from, to) = (binary.IndexOf(Start), 0);
        if (from < 0)
            return null;

        var rest = binary[(from + Start.Length)..];
        var length = rest.IndexOf(Stop);
        if (length is < 0 or > 200)
            return null;
        to = from + Start.Length + length + Stop.Length;
        return Parse(Encoding.ASCII.GetString(rest[..length]));
    }

    public static ContentPointer? Parse(string text)
    {
        var parts = text.Split('.');
        return parts.Length is 4 or 5
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var content)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && long.TryParse(parts[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var seal)
                ? new(content, size, parts[2], seal, parts.ElementAtOrDefault(4))
                : null;
    }

    /// <summary>The pointer in a parsed Binary; a Binary whose data has an extension of ours that cannot be read gives one without a seal.</summary>
    public static ContentPointer? Of(FhirNode binary)
    {
        foreach (var data in binary.Children)
        {
            if (data.Kind != NodeKind.PrimitiveElement || data.NameId != FhirNames.Id("data"))
                continue;
            foreach (var extension in data.Children)
                if (extension.TextOf("url") == "urn:fhiremr:binary-content")
                    return Parse(extension.TextOf("value") ?? "") ?? new(0, 0, "", 0);
        }

        return null;
    }
}
