using System.Buffers;
using System.Text;

namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>Text → the X12 basic character set: upper case, accents folded, separators and controls removed.</summary>
internal static class CharacterSet
{
    // U+00C0..U+017F in order; the runtime runs with invariant globalization, where Normalize does not decompose.
    private const string LatinFolded =
        "A A A A A A AEC E E E E I I I I D N O O O O O * O U U U U Y THSSA A A A A A AEC E E E E I I I I D N O O O O O / O U U U U Y THY " +
        "A A A A A A C C C C C C C C D D D D E E E E E E E E E E G G G G G G G G H H H H I I I I I I I I I I IJIJJ J K K K L L L L L L L L L L " +
        "N N N N N N N N N O O O O O O OEOER R R R R R S S S S S S S S T T T T T T U U U U U U U U U U U U W W Y Y Y Z Z Z Z Z Z S ";

    private const string BasicPunctuation = " !\"&'()*+,-./:;?=";
    private const string ExtendedPunctuation = "%@[]_{}\\|<>#$"; // agreed between partners; harmless unless a separator

    // What nearly every element consists of, and no separator of ours: it goes out as it is.
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"&'()+,-./;?=");

    /// <summary>The text as it may be sent; <paramref name="lost"/> is the first character that has no form in the set, or null.</summary>
    public static string Fold(string text, Separators separators, out Rune? lost)
    {
        lost = null;
        var characters = text.AsSpan();
        if (!characters.ContainsAnyExcept(Plain) && !characters.ContainsAny(separators.Element, separators.Component, separators.Terminator)
            && (separators.Repetition is not { } repetition || !characters.Contains(repetition)))
        {
            return text.Trim(' ');
        }

        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii)
            {
                Append(result, (char)rune.Value, separators);
                continue;
            }

            if (Folded(rune.Value) is not { } folded)
            {
                lost ??= rune;
                continue;
            }

            foreach (var c in folded)
                Append(result, c, separators);
        }

        return result.ToString().Trim(' ');
    }

    private static void Append(StringBuilder result, char c, Separators separators)
    {
        c = char.ToUpperInvariant(c);
        if (separators.Contains(c))
            c = ' '; // a separator inside data would become structure
        if (char.IsAsciiLetterOrDigit(c) || BasicPunctuation.Contains(c, StringComparison.Ordinal) || ExtendedPunctuation.Contains(c, StringComparison.Ordinal))
        {
            if (c != ' ' || result.Length > 0)
                result.Append(c);
        }
        else if (c is '\t' or '\r' or '\n')
        {
            result.Append(' ');
        }
    }

    private static string? Folded(int rune) => rune switch
    {
        >= 0xC0 and <= 0x17F => LatinFolded.Substring((rune - 0xC0) * 2, 2).Trim(),
        >= 0x300 and <= 0x36F => "", // combining marks
        0x1E9E => "SS",
        0x00A0 or (>= 0x2000 and <= 0x200A) or 0x202F or 0x3000 => " ",
        0x2018 or 0x2019 or 0x201A or 0x2032 or 0x00B4 or 0x02BC => "'",
        0x201C or 0x201D or 0x201E or 0x2033 or 0x00AB or 0x00BB => "\"",
        (>= 0x2010 and <= 0x2015) or 0x2212 or 0x00AD => "-",
        0x2026 => "...",
        0x00BA => "O",
        0x00AA => "A",
        0x00B0 => " ",
        0x200B or 0x200C or 0x200D or 0xFEFF => "",
        0x0218 or 0x0219 => "S", // comma-below letters of Romanian
        0x021A or 0x021B => "T",
        >= 0x1EA0 and <= 0x1EB7 => "A", // Vietnamese, by base letter
        >= 0x1EB8 and <= 0x1EC7 => "E",
        >= 0x1EC8 and <= 0x1ECB => "I",
        >= 0x1ECC and <= 0x1EE3 => "O",
        >= 0x1EE4 and <= 0x1EF1 => "U",
        >= 0x1EF2 and <= 0x1EF9 => "Y",
        _ => null,
    };
}
