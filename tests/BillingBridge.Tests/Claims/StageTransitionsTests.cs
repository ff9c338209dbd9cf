using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Claims;

public class StageTransitionsTests
{
    private static readonly string[] Stages =
    [
        "draft", "scrub-failed", "ready", "queued", "submitted", "ack-rejected", "forwarded", "payer-rejected", "accepted", "pended", "paid",
        "partially-denied", "denied", "reversed", "appealed", "secondary-due", "patient-balance", "closed", "replaced", "voided", "written-off",
    ];

    // The table of the billing spec, ADR 0013, what may be replaced, self-pay and a patient's payment taken back, written out once more so that a slip in either is seen.
    private const string Table = """
        draft > ready scrub-failed
        scrub-failed > draft
        ready > queued draft patient-balance
        queued > submitted ready
        submitted > forwarded ack-rejected accepted payer-rejected pended paid partially-denied denied
        ack-rejected > draft
        forwarded > accepted payer-rejected pended paid partially-denied denied
        payer-rejected > draft
        accepted > pended paid partially-denied denied
        pended > pended paid partially-denied denied
        paid > reversed appealed secondary-due patient-balance closed replaced voided written-off
        partially-denied > reversed appealed secondary-due patient-balance closed replaced voided written-off
        denied > reversed appealed secondary-due patient-balance closed replaced voided written-off
        reversed > paid partially-denied denied replaced voided
        appealed > paid partially-denied denied reversed written-off
        secondary-due > patient-balance reversed closed replaced voided
        patient-balance > reversed closed written-off replaced voided
        closed > reversed patient-balance replaced voided
        written-off > reversed patient-balance
        """;

    [Fact]
    public void Exactly_the_changes_of_the_table_are_allowed()
    {
        var allowed = Table.Split('\n').Select(l => l.Split(" > ")).SelectMany(p => p[1].Trim().Split(' ').Select(to => (p[0].Trim(), to))).ToHashSet();

        foreach (var from in Stages)
        {
            foreach (var to in Stages)
                Assert.True(StageTransitions.IsAllowed(from, to) == allowed.Contains((from, to)), $"{from} > {to}");
        }
    }

    [Fact]
    public void No_answer_of_a_payer_leads_back()
    {
        string[][] ranks = [["submitted"], ["forwarded"], ["accepted"], ["pended"], ["paid", "partially-denied", "denied"]];

        foreach (var (i, rank) in ranks.Index())
        {
            foreach (var (from, to) in rank.SelectMany(_ => ranks[..i].SelectMany(r => r), (from, to) => (from, to)))
                Assert.False(StageTransitions.IsAllowed(from, to), $"{from} > {to}");
        }
    }

    [Fact]
    public void A_move_gives_the_changed_claim_and_says_who_when_and_why()
    {
        var claim = Claim(ClaimStage.Ready);
        var when = new DateTimeOffset(2026, 3, 3, 9, 0, 0, TimeSpan.Zero);

        var moved = Assert.IsType<StageChange.Moved>(StageTransitions.Move(claim, ClaimStage.Queued, "Batch B1.", new ResourceReference("Practitioner/clerk"), when));

        Assert.Equal((ClaimStage.Queued, FinancialResourceStatusCodes.Active), (moved.Claim.Stage(), moved.Claim.Status));
        Assert.Equal(ClaimStage.Ready, claim.Stage());
        Assert.Equal(("Claim/7", "Practitioner/clerk", when, "Batch B1."),
            (moved.Provenance.Target[0].Reference, moved.Provenance.Agent[0].Who!.Reference, moved.Provenance.Recorded, moved.Provenance.Reason[0].Text));
        Assert.Equal(("ready", "queued"),
            (moved.Provenance.GetExtensionValue<Code>(BillingUrls.StageTransition + "-from")!.Value, moved.Provenance.GetExtensionValue<Code>(BillingUrls.StageTransition + "-to")!.Value));
    }

    [Fact]
    public void A_forbidden_move_says_what_is_possible()
    {
        var refused = Assert.IsType<StageChange.Refused>(
            StageTransitions.Move(Claim(ClaimStage.Queued), ClaimStage.Paid, "", new ResourceReference("Device/x"), DateTimeOffset.UnixEpoch));

        Assert.Equal(OperationOutcome.IssueType.BusinessRule, refused.Outcome.Issue[0].Code);
        Assert.Contains("submitted, ready", refused.Outcome.Issue[0].Details!.Text, StringComparison.Ordinal);
    }

    private static Claim Claim(string stage)
    {
        var claim = new Claim { Id = "7", Meta = new Meta { VersionId = "3" } };
        claim.SetStage(stage);
        return claim;
    }
}
