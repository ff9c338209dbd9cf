using System.Buffers;
using System.Globalization;
using System.Text;

namespace FhirEmr.FhirServer.Resources;

/// <summary>What the values of a narrative's links, images and styles may be (security S-79).</summary>
internal static class NarrativeValue
{
    private static readonly string[] LinkSchemes = ["http", "https", "ftp", "mailto", "tel", "urn"];
    private static readonly string[] ImageTypes = ["data:image/png", "data:image/jpeg", "data:image/gif"];

    /// <summary>What a style would need to run something, or to hide that it does.</summary>
    private static readonly string[] Active = ["javascript:", "@import", "behavior:", "-moz-binding", "\\"];

    /// <summary>All others are refused: image-set(), image() and src() fetch what url() does, and CSS goes on inventing such.</summary>
    private static readonly string[] StyleFunctions = ["url", "rgb", "rgba", "hsl", "hsla"];
    private static readonly SearchValues<char> FunctionName = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <summary>The value as a browser sees it, entities resolved.</summary>
    public static string Plain(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        if (!text.Contains('&', StringComparison.Ordinal))
            return text;

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var end = text[i] == '&' ? text.IndexOf(';', i) : -1;
            if (end < 0)
            {
                plain.Append(text[i]);
                continue;
            }

            plain.Append(text[(i + 1)..end] switch
            {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "apos" => "'",
                ['#', .. var number] => Character(Encoding.ASCII.GetBytes(number))?.ToString() ?? "",
                _ => "",
            });
            i = end;
        }

        return plain.ToString();
    }

    /// <summary>The character that <c>&amp;#number;</c> stands for; null when XML has no such character.</summary>
    public static Rune? Character(ReadOnlySpan<byte> number)
    {
        var isHex = number.Length > 1 && number[0] == 'x';
        var text = Encoding.ASCII.GetString(isHex ? number[1..] : number);
        if (!int.TryParse(text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            || !Rune.IsValid(code) || code is 0xFFFE or 0xFFFF || (code < 0x20 && code is not (9 or 10 or 13)))
            return null;
        return new Rune(code);
    }

    public static string? Link(string value) => Scheme(value) is { } scheme && Array.IndexOf(LinkSchemes, scheme) < 0
        ? $"A link may not have the scheme '{scheme}': http, https, ftp, mailto, tel and urn may stand there, and relative links."
        : null;

    /// <summary>Local ones, those that come inside, and, as R4's own examples have them, those of other servers: showing pages keep those out by their CSP.</summary>
    public static string? Image(string value) => Scheme(value) is "http" or "https" ? null : LocalImage(value);

    /// <summary>An image that asks no other server.</summary>
    private static string? LocalImage(string value)
    {
        var scheme = Scheme(value);
        if (scheme is null && !Squeezed(value).Replace('\\', '/').StartsWith("//", StringComparison.Ordinal)) // browsers read \ as /
            return null;
        return scheme == "data" && Array.Exists(ImageTypes, t => Squeezed(value).StartsWith(t, StringComparison.OrdinalIgnoreCase)) ? null
            : "An image is local (#id or a relative address), http or https, or comes inside as data:image/png, jpeg or gif.";
    }

    public static string? Style(string value)
    {
        var style = Squeezed(value);
        if (Array.Exists(Active, a => style.Contains(a, StringComparison.OrdinalIgnoreCase)))
            return "A style may run nothing (javascript:, @import, behavior:, escapes).";
        for (var at = 0; (at = style.IndexOf('(', at)) >= 0; at++)
        {
            var name = style.AsSpan(0, at);
            name = name[(name.LastIndexOfAnyExcept(FunctionName) + 1)..];
            if (!IsStyleFunction(name))
                return $"A style may not use {name}(): url(), rgb(), rgba(), hsl() and hsla() may stand there.";
        }

        for (var at = 0; (at = style.IndexOf("url(", at, StringComparison.OrdinalIgnoreCase)) >= 0; at += 4)
        {
            var end = style.IndexOf(')', at);
            if (end < 0 || LocalImage(style[(at + 4)..end].Trim('"', '\'')) is not null)
                return "A style may fetch nothing from elsewhere: its url() is local, or data:image/png, jpeg or gif.";
        }

        return null;
    }

    private static bool IsStyleFunction(ReadOnlySpan<char> name)
    {
        foreach (var function in StyleFunctions)
            if (name.Equals(function, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    /// <summary>Browsers drop control characters and blanks before they read an address: so do we.</summary>
    private static string? Scheme(string value)
    {
        var address = Squeezed(value);
        var end = address.AsSpan().IndexOfAny(":/?#");
        return end > 0 && address[end] == ':' ? address[..end].ToLowerInvariant() : null;
    }

    private static string Squeezed(string value) => value.AsSpan().ContainsAnyInRange('\0', ' ') ? string.Concat(value.Where(c => c > ' ')) : value;
}
