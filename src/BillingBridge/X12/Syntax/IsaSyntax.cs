using System.Text;

namespace FhirEmr.BillingBridge.X12.Syntax;

/// <summary>The one segment of fixed length: ISA, 106 characters with its terminator, which declares the separators.</summary>
internal static class IsaSyntax
{
    /// <summary>Widths of ISA01-ISA16.</summary>
    public static ReadOnlySpan<int> Widths => [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

    private const int FullLength = 105; // without the terminator

    /// <summary>Length of ISA in these bytes (without terminator) and its separators; null with a refusal when they cannot be told.</summary>
    public static (int Length, Separators Separators)? Read(ReadOnlySpan<byte> bytes, X12Place place, X12Findings findings)
    {
        if (bytes.Length < 8 || char.IsAsciiLetterOrDigit((char)bytes[3]) || bytes[3] is (byte)' ' or (byte)'\r' or (byte)'\n')
        {
            findings.Refuse("SYN-ISA", "ISA is not followed by an element separator.", place);
            return null;
        }

        // Sixteen separators are looked for rather than counted off by width, so that a short element is named, not guessed.
        var element = bytes[3];
        Span<int> at = stackalloc int[16];
        at[0] = 3;
        for (var n = 1; n < 16; n++)
        {
            var next = at[n - 1] + 1 >= bytes.Length ? -1 : bytes[(at[n - 1] + 1)..Math.Min(bytes.Length, 256)].IndexOf(element);
            if (next < 0)
            {
                findings.Refuse("SYN-ISA", $"ISA has {n} elements; it must have 16 and be 106 characters long.", place with { Element = n });
                return null;
            }

            at[n] = at[n - 1] + 1 + next;
        }

        if (at[15] + 2 >= bytes.Length)
        {
            findings.Refuse("SYN-TRUNCATED", "The file ends inside ISA.", place with { Element = 16 });
            return null;
        }

        for (var n = 0; n < 15; n++)
        {
            var width = at[n + 1] - at[n] - 1;
            if (width != Widths[n])
                findings.Refuse("SYN-ISA", $"ISA{n + 1:00} is {width} characters wide; it must be {Widths[n]}.", place with { Element = n + 1 });
        }

        var separators = new Separators((char)element, Repetition(bytes, at), (char)bytes[at[15] + 1], (char)bytes[at[15] + 2]);
        CheckDistinct(separators, place, findings);
        return (at[15] + 2, separators);
    }

    private static char? Repetition(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> at)
    {
        var isa11 = at[11] - at[10] == 2 ? (char)bytes[at[10] + 1] : 'U';
        return char.IsAsciiLetterOrDigit(isa11) || isa11 == ' ' ? null : isa11; // "U" is the standards identifier of older versions
    }

    private static void CheckDistinct(Separators s, X12Place place, X12Findings findings)
    {
        if (char.IsAsciiLetterOrDigit(s.Component) || char.IsAsciiLetterOrDigit(s.Terminator) || s.Terminator == ' ')
            findings.Refuse("SYN-ISA", "A letter, digit or blank cannot be a separator; is ISA 106 characters long?", place with { Element = 16 });
        if (new HashSet<char> { s.Element, s.Component, s.Terminator }.Count < 3 || s.Repetition == s.Element || s.Repetition == s.Component)
            findings.Refuse("SYN-ISA", "Two separators are the same character.", place with { Element = 16 });
    }

    /// <summary>ISA as text without terminator, every element padded to its width.</summary>
    public static string Write(IReadOnlyList<string> elements, Separators separators)
    {
        var text = new StringBuilder("ISA", FullLength);
        for (var n = 0; n < 16; n++)
            text.Append(separators.Element).Append(elements[n].PadRight(Widths[n])[..Widths[n]]);
        return text.ToString();
    }
}
