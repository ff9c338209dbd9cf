using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

/// <summary>A stored claim after a repair: scrubbed again, priced again, its warnings let stand.</summary>
public class ClaimRescrubTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Adding_the_coverage_and_scrubbing_again_makes_the_claim_ready_and_closes_the_task()
    {
        var billing = new TestBilling();
        billing.Practice.Coverage.Beneficiary = new ResourceReference("Patient/somebody-else");
        billing.Records.Put(billing.Practice.Coverage);
        var held = (ClaimResult.Held)await billing.RunAsync();
        billing.Practice.Coverage.Beneficiary = new ResourceReference("Patient/pat");
        billing.Records.Put(billing.Practice.Coverage);

        var ready = Assert.IsType<ClaimResult.Ready>(await billing.Pipeline.RescrubAsync(held.ClaimId, Ct));

        Assert.Equal(held.ClaimId, ready.ClaimId);
        Assert.Equal(("Coverage/cov", ClaimStage.Ready), (billing.TheClaim.FocalInsurance()!.Coverage!.Reference, billing.TheClaim.Stage()));
        Assert.Equal(FhirTask.TaskStatus.Completed, Assert.Single(billing.Records.All<FhirTask>()).Status);
        Assert.Equal(
            ["draft-ready", "draft-scrub-failed", "scrub-failed-draft"],
            billing.Records.All<Provenance>().Select(p => p.Activity!.Coding[0].Code!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Scrubbing_an_unrepaired_claim_again_changes_nothing()
    {
        var billing = new TestBilling();
        billing.Practice.Doctor.Identifier[0].Value = "510";
        billing.Records.Put(billing.Practice.Doctor);
        var held = (ClaimResult.Held)await billing.RunAsync();
        var before = billing.Records.Snapshot;

        Assert.IsType<ClaimResult.Held>(await billing.Pipeline.RescrubAsync(held.ClaimId, Ct));

        Assert.Equal(before, billing.Records.Snapshot);
    }

    [Fact]
    public async Task A_ready_claim_that_fails_later_goes_back_and_gets_a_task()
    {
        var billing = new TestBilling();
        var ready = (ClaimResult.Ready)await billing.RunAsync();
        billing.Practice.Coverage.SubscriberId = null;
        billing.Records.Put(billing.Practice.Coverage);

        Assert.IsType<ClaimResult.Held>(await billing.Pipeline.RescrubAsync(ready.ClaimId, Ct));

        Assert.Equal(ClaimStage.ScrubFailed, billing.TheClaim.Stage());
        Assert.Single(billing.Records.All<FhirTask>());
    }

    [Fact]
    public async Task A_submitted_claim_is_not_scrubbed_again()
    {
        var billing = new TestBilling();
        var ready = (ClaimResult.Ready)await billing.RunAsync();
        var claim = billing.TheClaim;
        claim.SetStage(ClaimStage.Submitted);
        billing.Records.Put(claim);

        var refused = Assert.IsType<ClaimResult.Refused>(await billing.Pipeline.RescrubAsync(ready.ClaimId, Ct));

        Assert.Equal(OperationOutcome.IssueType.BusinessRule, refused.Outcome.Issue[0].Code);
        Assert.Equal(ClaimStage.Submitted, billing.TheClaim.Stage());
    }

    [Theory]
    [InlineData(ClaimStage.AckRejected)]
    [InlineData(ClaimStage.PayerRejected)]
    public async Task A_rejected_claim_is_made_ready_again_by_way_of_draft(string rejected)
    {
        var billing = new TestBilling();
        var ready = (ClaimResult.Ready)await billing.RunAsync();
        var claim = billing.TheClaim;
        claim.SetStage(rejected);
        billing.Records.Put(claim);

        Assert.IsType<ClaimResult.Ready>(await billing.Pipeline.RescrubAsync(ready.ClaimId, Ct));

        Assert.Equal(ClaimStage.Ready, billing.TheClaim.Stage());
        Assert.Contains($"{rejected}-draft", billing.Records.All<Provenance>().Select(p => p.Activity!.Coding[0].Code!));
    }

    [Fact]
    public async Task A_claim_changed_meanwhile_is_not_overwritten()
    {
        var billing = new TestBilling();
        billing.Practice.Coverage.SubscriberId = null;
        billing.Records.Put(billing.Practice.Coverage);
        var held = (ClaimResult.Held)await billing.RunAsync();
        billing.Practice.Coverage.SubscriberId = "A1002003";
        billing.Records.Put(billing.Practice.Coverage);
        billing.Records.BeforeCommit = () => billing.Records.Put(billing.TheClaim);

        Assert.IsType<ClaimResult.Refused>(await billing.Pipeline.RescrubAsync(held.ClaimId, Ct));

        Assert.Equal(ClaimStage.ScrubFailed, billing.TheClaim.Stage());
        Assert.Equal(FhirTask.TaskStatus.Requested, Assert.Single(billing.Records.All<FhirTask>()).Status);
    }

    [Fact]
    public async Task A_warning_let_stand_is_kept_with_its_reason_and_shown_as_such()
    {
        var billing = new TestBilling();
        billing.Practice.Eligibility.Created = "2025-01-01";
        billing.Records.Put(billing.Practice.Eligibility);
        var ready = (ClaimResult.Ready)await billing.RunAsync();

        Assert.Equal(new AcknowledgeResult.Done(1), await billing.Pipeline.AcknowledgeAsync(ready.ClaimId, "COV-010", "Asked by telephone.", "A. Biller", Ct));

        var issue = Assert.Single(ScrubReport.ToOutcome((await billing.Pipeline.ScrubAsync(ready.ClaimId, Ct))!).Issue);
        Assert.Equal(OperationOutcome.IssueSeverity.Information, issue.Severity);
        Assert.EndsWith("Let stand by A. Biller on 2026-03-03: Asked by telephone.", issue.Details!.Text, StringComparison.Ordinal);
        Assert.Equal("Asked by telephone.", Assert.Single(billing.Records.All<FhirTask>()).Note[0].Text);
        Assert.IsType<AcknowledgeResult.Refused>(await billing.Pipeline.AcknowledgeAsync(ready.ClaimId, "COV-010", "Again.", "A. Biller", Ct));
    }

    [Fact]
    public async Task A_rejection_is_not_let_stand_nor_a_warning_without_reason()
    {
        var billing = new TestBilling();
        billing.Practice.Coverage.SubscriberId = null;
        billing.Practice.Eligibility.Created = "2025-01-01";
        billing.Records.Put(billing.Practice.Coverage, billing.Practice.Eligibility);
        var held = (ClaimResult.Held)await billing.RunAsync();

        var refused = Assert.IsType<AcknowledgeResult.Refused>(await billing.Pipeline.AcknowledgeAsync(held.ClaimId, "COV-004", "It is fine.", "A. Biller", Ct));

        Assert.Equal("COV-004 holds the claim: mend it, it cannot be let stand.", refused.Why);
        Assert.IsType<AcknowledgeResult.Refused>(await billing.Pipeline.AcknowledgeAsync(held.ClaimId, "COV-010", " ", "A. Biller", Ct));
        Assert.IsType<AcknowledgeResult.NoSuchClaim>(await billing.Pipeline.AcknowledgeAsync("nope", "COV-010", "x", "A. Biller", Ct));
    }

    [Fact]
    public async Task A_claim_has_the_prices_of_the_payer_that_it_lists_first()
    {
        var two = new TwoPayers();
        two.Records.Put(new ChargeItemDefinition
        {
            Id = "beta-99213",
            Url = "urn:fee:beta:99213",
            Status = PublicationStatus.Active,
            Identifier = [new Identifier(BillingUrls.Fee, "99213")],
            UseContext = [new UsageContext { Code = new Coding("http://terminology.hl7.org/CodeSystem/usage-context-type", "program"), Value = new ResourceReference("Organization/second") }],
            PropertyGroup = [new() { PriceComponent = [new() { Type = InvoicePriceComponentType.Base, Amount = ClaimBuilder.Usd(180m) }] }],
        });
        var claim = await two.BillAsync();
        Assert.Equal(152m, claim.Total!.Value);

        // A person puts the other insurer first, as after an accident.
        claim.Insurance.Reverse();
        foreach (var (i, insurance) in claim.Insurance.Index())
            (insurance.Sequence, insurance.Focal) = (i + 1, i == 0);
        two.Records.Put(claim);
        var listed = Assert.IsType<ClaimResult.Ready>(await two.Claims.RescrubAsync(claim.Id!, Ct));
        Assert.Contains(listed.Findings, f => f is { RuleId: "AMT-004", Message: "Charge 152.00 but fee schedule 180.00." });

        claim = two.Billing.TheClaim;
        claim.Item[0].UnitPrice = null;
        two.Records.Put(claim);
        var priced = Assert.IsType<ClaimResult.Ready>(await two.Claims.RescrubAsync(claim.Id!, Ct));
        Assert.Equal(180m, priced.TotalUsd);
        Assert.DoesNotContain(priced.Findings, f => f.RuleId == "AMT-004");
    }
}
