using System.Globalization;
using System.Text;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>The form in which texts are compared by string searches: no case, no accents, blanks and punctuation collapsed.</summary>
/// <remarks>
/// search.html#string. Ours, so that three database engines agree. Apostrophes vanish (O'Brien = OBrien), other punctuation and blanks
/// become one blank (Smith-Jones = smith jones), none at either end. Marks are kept in the scripts where they are vowels.
/// </remarks>
internal static class StringFolding
{
    public static string Fold(string text)
    {
        var target = text.Length <= 256 ? stackalloc char[256] : new char[text.Length];
        var writer = new Writer(target);
        foreach (var c in text)
        {
            if (!char.IsAscii(c))
                return FoldUnicode(text);
            writer.Ascii(c);
        }

        var folded = writer.Text;
        return folded.SequenceEqual(text) ? text : folded.ToString();
    }

    private static string FoldUnicode(string text)
    {
        var writer = new Writer(new char[(text.Length * 2) + 32]);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii)
                writer.Ascii((char)rune.Value);
            else if (rune.Value is >= 0xAC00 and <= 0xD7A3)
                Hangul(rune.Value - 0xAC00, ref writer);
            else if (rune.IsBmp && StringFoldingTable.Pages[rune.Value >> 8]?[rune.Value & 0xFF] is { } replacement)
                foreach (var part in replacement.EnumerateRunes())
                    Put(part, ref writer);
            else
                Put(rune, ref writer);
        }

        return writer.Text.ToString();
    }

    private static void Put(Rune rune, ref Writer writer)
    {
        if (rune.IsAscii)
        {
            writer.Ascii((char)rune.Value);
            return;
        }

        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark when !IsVowelScript(rune.Value):
                break;
            case UnicodeCategory.Format or UnicodeCategory.Control:
                break;
            case UnicodeCategory.ModifierLetter when rune.Value is 0x02BC or 0x02BB or 0x02B9: // apostrophes in other dress
                break;
            case UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.InitialQuotePunctuation when rune.Value is 0x2018 or 0x2019:
                break;
            case UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
                or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
                or UnicodeCategory.OtherPunctuation or UnicodeCategory.ModifierSymbol:
                writer.Blank();
                break;
            default:
                writer.Letter(Rune.ToLowerInvariant(rune));
                break;
        }
    }

    // Unicode chapter 3.12: a syllable is a lead, a vowel and perhaps a tail.
    private static void Hangul(int index, ref Writer writer)
    {
        writer.Letter(new Rune(0x1100 + (index / 588)));
        writer.Letter(new Rune(0x1161 + (index % 588 / 28)));
        if (index % 28 is > 0 and var tail)
            writer.Letter(new Rune(0x11A7 + tail));
    }

    private static bool IsVowelScript(int rune) => rune is (>= 0x0900 and <= 0x109F) or (>= 0x1780 and <= 0x17FF);

    private ref struct Writer(Span<char> target)
    {
        private Span<char> target = target;
        private int length;
        private bool blankBefore;

        public readonly ReadOnlySpan<char> Text => target[..length];

        public void Ascii(char c)
        {
            if (char.IsAsciiLetterOrDigit(c))
                Append((char)(char.IsAsciiLetterUpper(c) ? c | 0x20 : c));
            else if (c is '$' or '+' or '<' or '=' or '>' or '|' or '~')
                Append(c); // symbols, not punctuation
            else if (c is not ('\'' or '`'))
                Blank();
        }

        public void Letter(Rune rune)
        {
            Span<char> units = stackalloc char[2];
            foreach (var unit in units[..rune.EncodeToUtf16(units)])
                Append(unit);
        }

        public void Blank() => blankBefore = length > 0;

        private void Append(char c)
        {
            if (blankBefore)
            {
                Put(' ');
                blankBefore = false;
            }

            Put(c);
        }

        private void Put(char c)
        {
            if (length == target.Length)
            {
                var larger = new char[target.Length * 2];
                target.CopyTo(larger);
                target = larger;
            }

            target[length++] = c;
        }
    }
}
