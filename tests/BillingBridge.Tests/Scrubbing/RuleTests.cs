using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.BillingBridge.Tests.Fakes;

namespace FhirEmr.BillingBridge.Tests.Scrubbing;

public class RuleTests
{
    /// <summary>Every example there is, found by its shape: a class of examples cannot be forgotten here.</summary>
    internal static RuleCase[] All { get; } =
    [
        .. typeof(RuleTests).Assembly.GetTypes()
            .Where(t => t.Namespace == typeof(RuleTests).Namespace && t.Name.EndsWith("Cases", StringComparison.Ordinal))
            .OrderBy(t => t.Name, StringComparer.Ordinal)
            .SelectMany(t => (RuleCase[])t.GetProperty("All")!.GetValue(null)!),
    ];

    public static IEnumerable<TheoryDataRow<int, string>> Cases => All.Select((c, i) => new TheoryDataRow<int, string>(i, c.RuleId));

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_rule_finds_its_fault(int index, string ruleId)
    {
        var fixture = new ScrubFixture();
        All[index].Fails(fixture);

        var found = fixture.Scrub().Where(f => f.RuleId == ruleId && f.Severity != FindingSeverity.Information).ToList();

        Assert.NotEmpty(found);
        Assert.Contains(found, f => f.Severity == (All[index].Rejects ? FindingSeverity.Reject : FindingSeverity.Warn));
        Assert.All(found, f => Assert.DoesNotContain("[-1]", f.Expression, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_rule_leaves_a_sound_claim_alone(int index, string ruleId)
    {
        var fixture = new ScrubFixture();
        All[index].Passes(fixture);

        Assert.DoesNotContain(fixture.Scrub(), f => f.RuleId == ruleId);
    }

    [Fact]
    public void Every_rule_of_the_book_has_cases()
    {
        var rules = RuleBook.Rules(new FakeTerminology(), EditTables.None).Select(r => r.Id).ToHashSet();

        Assert.Empty(rules.Except(All.Select(c => c.RuleId)));
        Assert.Empty(All.Select(c => c.RuleId).Except(rules));
    }

    [Fact]
    public void No_rule_is_in_the_book_twice()
    {
        var ids = RuleBook.Rules(new FakeTerminology(), EditTables.None).Select(r => r.Id).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void The_clean_claim_has_no_finding_at_all() => Assert.Empty(new ScrubFixture().Scrub());
}
