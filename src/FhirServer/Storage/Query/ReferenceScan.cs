using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>The resources of this server that stored JSON refers to, found in its bytes without parsing them.</summary>
/// <remarks>
/// A quote inside a JSON string is escaped, so <c>"reference"</c> in the bytes is always a property name. Attachments on this server are
/// addressed by <c>"url":"Binary/…"</c>.
/// </remarks>
internal static class ReferenceScan
{
    public static List<ResourceKey> Of(ReadOnlySpan<byte> json)
    {
        var keys = new List<ResourceKey>();
        Collect(json, "\"reference\""u8, binaryOnly: false, keys);
        Collect(json, "\"url\""u8, binaryOnly: true, keys);
        return keys;
    }

    private static void Collect(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, bool binaryOnly, List<ResourceKey> into)
    {
        for (int at; (at = json.IndexOf(name)) >= 0;)
        {
            json = json[(at + name.Length)..].TrimStart(" \t\r\n"u8);
            if (json.IsEmpty || json[0] != ':')
                continue;
            json = json[1..].TrimStart(" \t\r\n"u8);
            if (json.IsEmpty || json[0] != '"')
                continue;

            json = json[1..];
            var end = json.IndexOf((byte)'"'); // a key has no quote in it: text with an escaped one is cut short, and is no key either way
            if (end < 0)
                return;
            var text = json[..end];
            if (text.Length is > 2 and < 200 && (!binaryOnly || text.StartsWith("Binary"u8)) && text[0] is >= (byte)'A' and <= (byte)'Z'
                && ResourceKey.TryParseRelative(text.Contains((byte)'\\') ? Unescaped(text) : Encoding.UTF8.GetString(text), out var key, out _))
                into.Add(key);
            json = json[end..];
        }
    }

    /// <summary>Some writers escape the slash.</summary>
    private static string Unescaped(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text).Replace("\\/", "/", StringComparison.Ordinal);
}
