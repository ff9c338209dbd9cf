using FhirEmr.FhirServer.CdsHooks;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Tests.CdsHooks;

public sealed class CoverageCardsTests
{
    private static readonly DateOnly Today = new(2026, 6, 15);

    [Fact]
    public void Nothing_is_said_of_a_coverage_that_is_good_and_was_asked_about() => Assert.Empty(Summaries([Coverage()], [Answer("2026-06-10")]));

    [Theory]
    [InlineData("2026-05-16", null)]
    [InlineData("2026-05-15", "First Mutual was last asked about the coverage on 2026-05-15")]
    public void An_answer_is_good_for_thirty_days(string created, string? summary) => Assert.Equal(summary is null ? [] : [summary], Summaries([Coverage()], [Answer(created)]));

    [Fact]
    public void The_latest_answer_counts_and_errors_are_none()
    {
        var (no, error) = (Answer("2026-06-12", false), Answer("2026-06-14"));
        error.Error.Add(new() { Code = new CodeableConcept("urn:x", "75") });

        Assert.Equal(["First Mutual said on 2026-06-12 that the coverage is not in force"], Summaries([Coverage()], [Answer("2026-06-10"), no, error]));
    }

    [Fact]
    public void What_the_user_may_not_see_of_payers_is_not_called_unasked() => Assert.Empty(Summaries([Coverage()], null));

    [Fact]
    public void An_end_is_told_of_a_month_ahead_and_after()
    {
        Assert.Equal(["First Mutual ends on 2026-07-15"], Summaries([Coverage("2026-07-15")], null));
        Assert.Empty(Summaries([Coverage("2026-07-16")], null));
        Assert.Equal(["No insurance is in force: the last one ended on 2026-06-14"], Summaries([Coverage("2026-06-14")], null));
        Assert.Equal(["No insurance is on record"], Summaries([], null));
    }

    [Fact]
    public void Whoever_pays_themselves_is_not_asked_about()
    {
        var self = Coverage();
        self.Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/coverage-selfpay", "pay");

        Assert.Empty(Summaries([self], []));
        Assert.True(CoverageCards.SaysSelfPay([self], Today));
        Assert.Empty(CoverageCards.InForce([self], Today));
    }

    private static IEnumerable<string> Summaries(IReadOnlyList<Coverage> coverages, IReadOnlyList<CoverageEligibilityResponse>? answers) => CoverageCards.Of("p", coverages, answers, Today).Select(c => c.Summary);

    private static Coverage Coverage(string? end = null) =>
        new() { Id = "c", Status = FinancialResourceStatusCodes.Active, Payor = [new() { Display = "First Mutual" }], Period = end is null ? null : new Period { End = end } };

    private static CoverageEligibilityResponse Answer(string created, bool inForce = true) =>
        new() { Id = "a" + created, Status = FinancialResourceStatusCodes.Active, Created = created, Insurance = [new() { Coverage = new ResourceReference("Coverage/c"), Inforce = inForce }] };
}
