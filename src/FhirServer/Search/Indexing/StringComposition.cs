using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Brings what readers see as one character to one spelling (Unicode NFC), so that <c>:exact</c> compares graphemes and not code points.</summary>
/// <remarks>Unicode Standard Annex 15. "é" and "e" with a combining accent are the same text; case, accents and punctuation still count.</remarks>
internal static class StringComposition
{
    private const int HangulFirst = 0xAC00, Leads = 0x1100, Vowels = 0x1161, Tails = 0x11A7, LeadCount = 19, VowelCount = 21, TailCount = 28;

    private static readonly FrozenDictionary<int, (int First, int Second)> Apart = ReadApart();
    private static readonly FrozenDictionary<(int, int), int> Together = ReadTogether().ToFrozenDictionary(p => (p.First, p.Second), p => p.Whole);
    private static readonly FrozenDictionary<int, byte> Classes = ReadClasses();

    public static string Compose(string text)
    {
        // Below U+0300 there is no combining mark: nearly every text ends here.
        if (text.AsSpan().IndexOfAnyInRange('\u0300', '\uFFFF') < 0)
            return text;

        var runes = new List<int>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, runes);
        Order(runes);
        var composed = new StringBuilder(text.Length);
        foreach (var rune in Join(runes))
            composed.Append(new Rune(rune));
        return composed.Length == text.Length && composed.Equals(text) ? text : composed.ToString();
    }

    private static void Decompose(int rune, List<int> into)
    {
        if (rune - HangulFirst is >= 0 and < LeadCount * VowelCount * TailCount and var syllable)
        {
            into.Add(Leads + (syllable / (VowelCount * TailCount)));
            into.Add(Vowels + (syllable % (VowelCount * TailCount) / TailCount));
            if (syllable % TailCount is > 0 and var tail)
                into.Add(Tails + tail);
        }
        else if (Apart.TryGetValue(rune, out var parts))
        {
            Decompose(parts.First, into);
            if (parts.Second != 0)
                into.Add(parts.Second); // a mark; it does not decompose further
        }
        else
        {
            into.Add(rune);
        }
    }

    /// <summary>Marks after one letter into the order of their classes, equal classes left as they stand.</summary>
    private static void Order(List<int> runes)
    {
        for (var i = 1; i < runes.Count; i++)
            for (var j = i; j > 0 && Class(runes[j]) is > 0 and var own && Class(runes[j - 1]) > own; j--)
                (runes[j], runes[j - 1]) = (runes[j - 1], runes[j]);
    }

    private static List<int> Join(List<int> runes)
    {
        var joined = new List<int>(runes.Count);
        var (starter, last) = (-1, 0);
        foreach (var rune in runes)
        {
            var own = Class(rune);
            var isFree = starter >= 0 && (joined.Count - 1 == starter || (last != 0 && last < own));
            if (isFree && Pair(joined[starter], rune) is { } whole)
            {
                joined[starter] = whole;
                continue;
            }

            if (own == 0)
                starter = joined.Count;
            last = own;
            joined.Add(rune);
        }

        return joined;
    }

    private static int? Pair(int first, int second)
    {
        if (first - Leads is >= 0 and < LeadCount and var lead && second - Vowels is >= 0 and < VowelCount and var vowel)
            return HangulFirst + (((lead * VowelCount) + vowel) * TailCount);
        if (first - HangulFirst is >= 0 and < LeadCount * VowelCount * TailCount and var syllable && syllable % TailCount == 0
            && second - Tails is > 0 and < TailCount and var tail)
            return first + tail;
        return Together.TryGetValue((first, second), out var whole) ? whole : null;
    }

    private static byte Class(int rune) => rune < 0x300 ? (byte)0 : Classes.GetValueOrDefault(rune);

    private static IEnumerable<(int First, int Second, int Whole)> ReadTogether()
    {
        var mark = 0;
        foreach (var entry in Entries(StringCompositionTable.Pairs))
        {
            if (entry[0] == '+')
                mark = Hex(entry[1..]);
            else if (entry.Split('=') is [var first, var whole])
                yield return (Hex(first), mark, Hex(whole));
        }
    }

    private static FrozenDictionary<int, (int First, int Second)> ReadApart()
    {
        var apart = ReadTogether().ToDictionary(p => p.Whole, p => (p.First, p.Second));
        foreach (var entry in Entries(StringCompositionTable.Single))
            apart[Hex(entry.Split('=')[0])] = (Hex(entry.Split('=')[1]), 0);
        foreach (var entry in Entries(StringCompositionTable.Apart))
            apart[Hex(entry.Split('=')[0])] = (Hex(entry.Split('=', ',')[1]), Hex(entry.Split('=', ',')[2]));
        return apart.ToFrozenDictionary();
    }

    private static FrozenDictionary<int, byte> ReadClasses()
    {
        var classes = new Dictionary<int, byte>();
        foreach (var entry in Entries(StringCompositionTable.Classes))
        {
            var (range, value) = (entry.Split('=')[0].Split('-'), byte.Parse(entry.Split('=')[1], CultureInfo.InvariantCulture));
            for (var rune = Hex(range[0]); rune <= Hex(range[^1]); rune++)
                classes[rune] = value;
        }

        return classes.ToFrozenDictionary();
    }

    private static string[] Entries(string table) => table.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
