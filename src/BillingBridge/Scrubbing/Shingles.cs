using System.Text.RegularExpressions;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>A text as the set of its runs of five words (billing spec 3.11).</summary>
internal sealed partial class Shingles
{
    private const int Words = 5;

    private readonly HashSet<string> runs;

    private Shingles(HashSet<string> runs) => this.runs = runs;

    public int Count => runs.Count;

    public static Shingles Of(string text)
    {
        var words = WordsOf(text);
        var runs = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i + Words <= words.Length; i++)
            runs.Add(string.Join(' ', words.AsSpan(i, Words)));
        return new Shingles(runs);
    }

    /// <summary>How much of this text is in another: 1 when it is a copy, 0 when no run is shared.</summary>
    public double Containment(Shingles other) => runs.Count == 0 ? 0 : (double)runs.Count(other.runs.Contains) / runs.Count;

    /// <summary>Words of the longest run that two texts share.</summary>
    public static int LongestRun(string one, string other)
    {
        var (a, b) = (WordsOf(one), WordsOf(other));
        var ending = new int[b.Length + 1];
        var longest = 0;
        foreach (var word in a)
        {
            for (var j = b.Length; j > 0; j--)
            {
                ending[j] = b[j - 1] == word ? ending[j - 1] + 1 : 0;
                longest = Math.Max(longest, ending[j]);
            }
        }

        return longest;
    }

    private static string[] WordsOf(string text) => [.. Word().Matches(text).Select(m => m.Value)];

    [GeneratedRegex(@"[\p{L}\p{N}']+")]
    private static partial Regex Word();
}
