using CsCheck;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Tests.Index;

public sealed class EditDistanceTests
{
    [Theory]
    [InlineData("pnuemonia", "pneumonia", 1)]
    [InlineData("diabetis", "diabetes", 1)]
    [InlineData("hyprtens", "hypertension", 1)]
    [InlineData("asthma", "asthma", 0)]
    [InlineData("elbow", "knee", 3)]
    public void It_counts_slips_against_the_nearest_prefix(string typed, string word, int distance) =>
        Assert.Equal(distance, EditDistance.ToPrefix(typed, word, 2));

    [Fact]
    public void It_agrees_with_the_textbook_recursion() =>
        Gen.Select(Gen.String[Gen.Char['a', 'c'], 1, 7], Gen.String[Gen.Char['a', 'c'], 1, 9], Gen.Int[1, 2]).Sample((typed, word, limit) =>
            Math.Min(limit + 1, Enumerable.Range(0, word.Length + 1).Min(n => Textbook(typed, word[..n]))) == EditDistance.ToPrefix(typed, word, limit));

    private static int Textbook(string a, string b)
    {
        if (a.Length == 0 || b.Length == 0)
            return a.Length + b.Length;

        var best = Math.Min(
            Math.Min(Textbook(a[..^1], b) + 1, Textbook(a, b[..^1]) + 1),
            Textbook(a[..^1], b[..^1]) + (a[^1] == b[^1] ? 0 : 1));
        return a.Length > 1 && b.Length > 1 && a[^1] == b[^2] && a[^2] == b[^1] ? Math.Min(best, Textbook(a[..^2], b[..^2]) + 1) : best;
    }
}
