using FhirEmr.BillingBridge.Denials;

namespace FhirEmr.BillingBridge.Tests.Denials;

public class DenialReasonTests
{
    [Theory]
    [InlineData("197", "", "auth")]
    [InlineData("16", "", "submission")]
    [InlineData("16", "N264 M51", "coding")]
    [InlineData("A1", "N130", "benefit")]
    [InlineData("96", "N130 N4", "cob")] // the list's order decides, not the payer's
    [InlineData("16", "MA01", "submission")]
    [InlineData("197", "M51", "auth")] // this reason says enough by itself
    public void Remarks_refine_a_reason_that_only_refers_to_them(string carc, string remarks, string category) =>
        Assert.Equal((category, true), DenialReason.Of(carc, remarks.Split(' '), paidNothing: true) is var reason ? (reason.Category, reason.IsDenial) : default);

    [Fact]
    public void Every_category_of_the_lists_is_a_worklist_or_nobodys_work() =>
        Assert.All(
            Terminology.CodeSystems.Carc.CarcTable.All.Select(c => c.Code).SelectMany(c => (string[][])[[], ["MA130"], ["N519"], ["M15"]], (c, r) => DenialReason.Of(c, r, true)),
            reason => Assert.Equal($"denial-{reason.Category}", DenialTask.CodeOf(reason.Category)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_reason_we_do_not_know_is_a_denial_when_nothing_was_paid(bool paidNothing) =>
        Assert.Equal(new DenialReason("submission", paidNothing, null), DenialReason.Of("XX9", [], paidNothing));

    [Fact]
    public void An_unprocessable_claim_is_sent_anew() =>
        Assert.Contains("no appeal rights", DenialReason.Of("16", ["MA130"], true).FirstAction, StringComparison.Ordinal);
}
