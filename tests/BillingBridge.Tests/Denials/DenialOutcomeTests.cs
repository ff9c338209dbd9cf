using FhirEmr.BillingBridge.Denials;

namespace FhirEmr.BillingBridge.Tests.Denials;

public class DenialOutcomeTests
{
    [Theory]
    [InlineData(80, 0, 0, "overturned", 80)]
    [InlineData(0, 0, 120, "upheld", 0)]
    [InlineData(40, 0, 60, "partial", 40)]
    [InlineData(0, 80, 0, "overturned", 0)] // allowed, and the patient's under the plan
    [InlineData(0, 0, 0, "upheld", 0)] // nothing allowed, by whatever reason
    public void One_line_ends_as_the_later_answer_says(int paid, int patient, int denied, string outcome, int won) =>
        Assert.Equal(new DenialOutcome(outcome, won), DenialOutcome.Of([Line(1)], [new(1, paid, patient, denied)]));

    [Fact]
    public void Of_two_lines_one_won_is_partial() =>
        Assert.Equal(new DenialOutcome("partial", 80m), DenialOutcome.Of([Line(1), Line(2)], [new(1, 80m, 0m, 0m), new(2, 0m, 0m, 30m)]));

    [Fact]
    public void What_was_paid_before_was_not_won_now() =>
        Assert.Equal(new DenialOutcome("overturned", 30m), DenialOutcome.Of([Line(1) with { PaidUsd = 50m }], [new(1, 80m, 0m, 0m)]));

    [Fact]
    public void An_answer_to_other_lines_says_nothing() => Assert.Null(DenialOutcome.Of([Line(1)], [new(2, 80m, 0m, 0m)]));

    [Fact]
    public void A_claim_denied_as_a_whole_is_answered_by_its_lines() =>
        Assert.Equal(new DenialOutcome("overturned", 100m), DenialOutcome.Of([Line(null)], [new(1, 80m, 0m, 0m), new(2, 20m, 5m, 0m)]));

    private static DeniedAmount Line(int? item) => new("CO", "4", [], 120m) { Item = item };
}
