using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Documents;

/// <summary>Ids and fingerprints made from content: the same content gets the same one everywhere, so a repeat finds what the first run made.</summary>
internal static class StableId
{
    /// <summary>A FHIR id of 32 digits.</summary>
    public static string Of(params ReadOnlySpan<string> parts) => Convert.ToHexStringLower(Hash(parts).AsSpan(0, 16));

    /// <summary>A UUID (RFC 9562, version 8: what it is made from is ours to say).</summary>
    public static Guid Uuid(params ReadOnlySpan<string> parts)
    {
        var bytes = Hash(parts).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new(bytes, bigEndian: true);
    }

    private static byte[] Hash(ReadOnlySpan<string> parts)
    {
        // Each part with its length, so that no two lists of parts run together to the same bytes.
        var text = new StringBuilder("fhiremr");
        foreach (var part in parts)
            text.Append('|').Append(part.Length).Append(':').Append(part);
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
