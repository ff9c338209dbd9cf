using System.Text.RegularExpressions;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>A text as the set of its runs of five words (billing spec 3.11).</summary>
/// <remarks>A run is kept as the 64-bit hash of its words: notes are compared by the hundred, and two runs of one practice do not meet by chance.</remarks>
internal sealed partial class Shingles
{
    private const int Words = 5;
    private readonly HashSet<ulong> runs;

    private Shingles(HashSet<ulong> runs) => this.runs = runs;

    public int Count => runs.Count;

    public static Shingles Of(string text)
    {
        var words = new List<ulong>();
        foreach (var word in Word().EnumerateMatches(text))
            words.Add(HashOf(text.AsSpan(word.Index, word.Length)));
        var runs = new HashSet<ulong>(words.Count);
        for (var i = 0; i + Words <= words.Count; i++)
        {
            var run = 0UL;
            for (var j = i; j < i + Words; j++)
                run = Mix(run ^ words[j]);
            runs.Add(run);
        }

        return new Shingles(runs);
    }

    /// <summary>How much of this text is in another: 1 when it is a copy, 0 when no run is shared.</summary>
    public double Containment(Shingles other) => runs.Count == 0 ? 0 : (double)runs.Count(other.runs.Contains) / runs.Count;

    /// <summary>Words of the longest run that two texts share.</summary>
    public static int LongestRun(string one, string other)
    {
        // Words as numbers: the comparison is of each with each.
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var (a, b) = (NumbersOf(one), NumbersOf(other));
        var ending = new int[b.Count + 1];
        var longest = 0;
        foreach (var word in a)
        {
            for (var j = b.Count; j > 0; j--)
            {
                ending[j] = b[j - 1] == word ? ending[j - 1] + 1 : 0;
                if (ending[j] > longest)
                    longest = ending[j];
            }
        }

        return longest;

        List<int> NumbersOf(string text)
        {
            var known = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
            var found = new List<int>();
            foreach (var match in Word().EnumerateMatches(text))
            {
                var word = text.AsSpan(match.Index, match.Length);
                if (!known.TryGetValue(word, out var number))
                    known[word] = number = numbers.Count;
                found.Add(number);
            }

            return found;
        }
    }

    /// <summary>FNV-1a.</summary>
    private static ulong HashOf(ReadOnlySpan<char> word)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in word)
            hash = (hash ^ letter) * 1099511628211UL;
        return hash;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }

    [GeneratedRegex(@"[\p{L}\p{N}']+")]
    private static partial Regex Word();
}
