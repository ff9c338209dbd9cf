using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.BillingBridge.Tests.Fakes;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

/// <summary>docs/scrub-rules.md lists the book as it is: the words are the rules' own summaries. UPDATE_GOLDEN=1 writes the table anew.</summary>
public partial class RuleDocsTests
{
    private const string Begin = "<!-- rules: begin -->";
    private const string End = "<!-- rules: end -->";

    [Fact]
    public void The_table_of_rules_is_the_rule_book()
    {
        var path = Path.Combine(Root(), "docs", "scrub-rules.md");
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var table = Table();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, $"{text[..from]}\n{table}{text[to..]}");
        else
            Assert.Equal(table, text[(from + 1)..to]);
    }

    [Fact]
    public void Every_rule_names_its_source() =>
        Assert.All(Ids(), id => Assert.False(string.IsNullOrWhiteSpace(RuleSources.Of(id))));

    [Fact]
    public void The_page_says_how_many_rules_there_are() =>
        Assert.Contains($"{Ids().Count} rules", File.ReadAllText(Path.Combine(Root(), "docs", "scrub-rules.md")), StringComparison.Ordinal);

    private static string Table()
    {
        var summaries = Directory.GetFiles(Path.Combine(Root(), "src", "BillingBridge", "Scrubbing", "Rules"), "*.cs", SearchOption.AllDirectories)
            .Select(f => Summary().Match(File.ReadAllText(f))).Where(m => m.Success)
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.TrimEnd('.'));
        var rows = Ids().Select(id => $"| {id} | {Severity(id)} | {summaries[id]} | {RuleSources.Of(id)} |\n");
        return $"| rule | severity | holds when | source |\n|---|---|---|---|\n{string.Concat(rows)}";
    }

    private static string Severity(string id)
    {
        var weights = RuleTests.All.Where(c => c.RuleId == id).Select(c => c.Rejects).ToHashSet();
        return weights.Count == 2 ? "R or W" : weights.Contains(true) ? "R" : "W";
    }

    private static IReadOnlyList<string> Ids() => [.. RuleBook.Rules(new FakeTerminology(), EditTables.None).Select(r => r.Id)];

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FhirEmr.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }

    [GeneratedRegex(@"/// <summary>([A-Z0-9]+-[0-9]{3}): (.*?)</summary>")]
    private static partial Regex Summary();
}
