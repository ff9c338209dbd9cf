using System.Text.RegularExpressions;
namespace FhirEmr.Architecture.Tests;

/// <summary>The table of security requirements says "yes" where a test carries the number, and "none" with a reason where none does (security §12).</summary>
public sealed partial class RequirementTests
{
    private static readonly string Root = Repository.Root;

    private static IReadOnlyList<(string Number, string Tests)> Table =>
        [.. File.ReadLines(Path.Combine(Root, "docs", "security.md")).Where(l => l.StartsWith("| S-", StringComparison.Ordinal)).Select(l => l.Split('|', StringSplitOptions.TrimEntries)).Select(c => (c[1], c[3]))];

    private static HashSet<string> Tagged =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(f => Tag().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value)),
    ];

    [Fact]
    public void Every_number_has_a_test_or_says_why_not()
    {
        var tagged = Tagged;
        Assert.Empty(Table.Where(r => r.Tests == "yes" && !tagged.Contains(r.Number)).Select(r => $"{r.Number} has no test"));
        Assert.Empty(Table.Where(r => r.Tests != "yes" && tagged.Contains(r.Number)).Select(r => $"{r.Number} has tests by now"));
        Assert.All(Table, r => Assert.Matches("^(yes|none: .+)$", r.Tests));
    }

    [Fact]
    public void Every_tag_is_a_number_of_the_table() => Assert.Empty(Tagged.Except(Table.Select(r => r.Number)));

    [GeneratedRegex("""[\[,] ?Trait\("Requirement", "(S-\d+)"\)""", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}
