using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

/// <summary>A visit of 152 dollars was billed to the patient; then the patient brings the card that was valid on the day.</summary>
public sealed class FoundInsurancePipelineTests
{
    private static readonly ResourceReference Who = new() { Display = "Kim Lopez" };

    private TwoPayers _two = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Balances Balances => Balances.Of(_two.Records.All<Basic>().Where(JournalBasic.IsEntry).Select(JournalBasic.Parse));

    private Claim TheClaim => _two.Billing.TheClaim;

    private ClaimBalance Money => Balances.OfClaim($"Claim/{TheClaim.Id}");

    [Fact]
    public async Task The_claim_goes_to_the_payer_and_what_the_patient_paid_is_their_credit_until_the_answer()
    {
        await SelfPaidAsync(40m);
        Insure();

        var ready = Assert.IsType<ClaimResult.Ready>(await RunAsync());

        Assert.Equal((TheClaim.Id, false, "Coverage/cov", "Organization/payer"), (ready.ClaimId, TheClaim.IsSelfPay(), TheClaim.FocalInsurance()!.Coverage!.Reference, TheClaim.Insurer!.Reference));
        Assert.Equal((152m, 152m, -40m, 0m), (Money.ChargesUsd, Money.InsuranceUsd, Money.PatientUsd, Balances.SumUsd));
        Assert.Contains("patient-balance → draft", _two.History(TheClaim));

        Assert.Contains("CLM*", await _two.SendAsync(), StringComparison.Ordinal);
        Assert.Equal((152m, 152m, -40m), (Money.ChargesUsd, Money.InsuranceUsd, Money.PatientUsd)); // charged once, however it went

        await _two.AnswerAsync(TheClaim.PatientControlNumber()!, "1", 75m, ["CAS*CO*45*52", "CAS*PR*3*25"]);
        Assert.Equal((0m, -15m, 75m, 0m), (Money.InsuranceUsd, Money.PatientUsd, Money.PayerPaidUsd, Balances.SumUsd));
        Assert.Contains("credit-balance", _two.TaskCodes);

        var refund = new Refund { ClaimId = TheClaim.Id, AmountUsd = 15m, TransactionId = "R1", Reason = "insurance paid", EnteredBy = "Kim", To = RefundTo.Patient };
        Assert.IsType<MoneyResult.Done>(await new Refunds(_two.Records, TwoPayers.Clock).PostAsync(refund, Ct));
        Assert.Equal((ClaimStage.Closed, 0m, 0m), (TheClaim.Stage(), Money.BalanceUsd, Balances.SumUsd));
    }

    [Fact]
    public async Task What_the_patient_paid_may_be_just_their_share()
    {
        await SelfPaidAsync(25m);
        Insure();
        await RunAsync();
        await _two.SendAsync();

        await _two.AnswerAsync(TheClaim.PatientControlNumber()!, "1", 75m, ["CAS*CO*45*52", "CAS*PR*3*25"]);

        Assert.Equal((ClaimStage.Closed, 0m, 0m), (TheClaim.Stage(), Money.InsuranceUsd, Money.PatientUsd));
    }

    [Fact]
    public async Task A_visit_paid_in_full_and_closed_is_billed_all_the_same()
    {
        await SelfPaidAsync(152m);
        Assert.Equal(ClaimStage.Closed, TheClaim.Stage());
        Insure();

        Assert.IsType<ClaimResult.Ready>(await RunAsync());

        Assert.Equal((152m, -152m, 0m), (Money.InsuranceUsd, Money.PatientUsd, Balances.SumUsd));
    }

    [Fact]
    public async Task What_was_given_up_for_the_patients_sake_is_asked_of_the_payer()
    {
        await SelfPaidAsync(100m);
        var writeOff = new WriteOff { ClaimId = TheClaim.Id!, Category = "charity", Reason = "hardship", EnteredBy = "Kim" };
        Assert.IsType<MoneyResult.Done>(await new WriteOffs(_two.Records, TwoPayers.Clock).PostAsync(writeOff, Ct));
        Assert.Equal((ClaimStage.WrittenOff, 52m), (TheClaim.Stage(), Money.WrittenOffUsd));
        Insure();

        Assert.IsType<ClaimResult.Ready>(await RunAsync());

        Assert.Equal((0m, 152m, -100m, 0m), (Money.WrittenOffUsd, Money.InsuranceUsd, Money.PatientUsd, Balances.SumUsd));
    }

    [Fact]
    public async Task A_claim_that_was_not_charged_yet_only_changes_hands()
    {
        await HeldAsync();
        await _two.Claims.SelfPayAsync(TheClaim.Id!, "No insurance.", Ct);
        Insure();

        Assert.IsType<ClaimResult.Ready>(await RunAsync());

        Assert.False(TheClaim.IsSelfPay());
        Assert.DoesNotContain(_two.Records.All<Basic>(), JournalBasic.IsEntry);
        await _two.SendAsync();
        Assert.Equal((152m, 152m), (Money.ChargesUsd, Money.InsuranceUsd));
    }

    [Fact]
    public async Task What_the_payer_needs_and_nobody_knows_holds_the_claim_with_a_task()
    {
        await SelfPaidAsync(0m);
        Insure(c => c.SubscriberId = null);

        var held = Assert.IsType<ClaimResult.Held>(await RunAsync());

        Assert.Contains(held.Findings, f => f.RuleId.StartsWith("COV-", StringComparison.Ordinal) && f.Severity == FindingSeverity.Reject);
        Assert.Contains(_two.Records.All<FhirTask>(), t => t.Code!.Coding[0].Code == "fix-scrub" && t.Status == FhirTask.TaskStatus.Requested);
        Assert.Equal((152m, 0m), (Money.InsuranceUsd, Money.PatientUsd)); // no statement asks the patient meanwhile
    }

    [Fact]
    public async Task Past_the_payers_limit_it_stays_the_patients_and_nothing_changes()
    {
        _two = new TwoPayers(payers: new PayerDirectory([new PayerProfile { PayerId = "ACME1", Family = PayerFamily.Commercial, FilingDays = 5 }]));
        await SelfPaidAsync(40m);
        Insure();
        var before = _two.Records.Snapshot;

        var refused = Assert.IsType<ClaimResult.Refused>(await RunAsync());

        Assert.Contains("Past timely filing limit 2026-03-07 of Acme Health Plan", refused.Outcome.Issue[0].Diagnostics ?? refused.Outcome.Issue[0].Details!.Text, StringComparison.Ordinal);
        Assert.Equal(before, _two.Records.Snapshot);
    }

    [Fact]
    public async Task It_needs_a_reason_a_coverage_of_that_day_and_a_claim_that_is_the_patients()
    {
        await SelfPaidAsync(0m);
        Insure(c => c.Period = new Period { Start = "2026-03-05" });
        var before = _two.Records.Snapshot;
        Assert.Contains("in force on 2026-03-02", Words(await RunAsync()), StringComparison.Ordinal);
        Insure(c => c.Period = new Period { Start = "2025-01-01" });
        Assert.Contains("reason", Words(await Pipeline.RunAsync(TheClaim.Id!, " ", Who, Ct)), StringComparison.Ordinal);
        Assert.IsType<ClaimResult.NoSuchClaim>(await Pipeline.RunAsync("nobody", "x", Who, Ct));
        Assert.Equal(ClaimStage.PatientBalance, TheClaim.Stage());
        await RunAsync();
        Assert.Contains("names its payer", Words(await RunAsync()), StringComparison.Ordinal);
        Assert.NotEqual(before, _two.Records.Snapshot);
    }

    [Fact]
    public void No_claim_that_a_payer_answered_goes_this_way_and_nobody_by_writing_a_stage()
    {
        var claim = new Claim { Id = "7" };
        claim.SetStage(ClaimStage.PatientBalance);
        Assert.IsType<StageChange.Refused>(StageTransitions.Move(claim, ClaimStage.Draft, "x", Who, TwoPayers.Clock.GetUtcNow()));
        claim.BillThePatient("no insurance");
        Assert.IsType<StageChange.Moved>(StageTransitions.Move(claim, ClaimStage.Draft, "x", Who, TwoPayers.Clock.GetUtcNow()));
        Assert.False(StageTransitions.IsAllowed(ClaimStage.PatientBalance, ClaimStage.Draft));
    }

    private FoundInsurancePipeline Pipeline => new(_two.Records, _two.Claims, TwoPayers.Clock);

    private Task<ClaimResult> RunAsync() => Pipeline.RunAsync(TheClaim.Id!, "The patient brought the card.", Who, Ct);

    private static string Words(ClaimResult result)
    {
        var issue = Assert.IsType<ClaimResult.Refused>(result).Outcome.Issue[0];
        return issue.Diagnostics ?? issue.Details!.Text!;
    }

    /// <summary>The visit as the patient's, charged, and so much of it paid.</summary>
    private async Task SelfPaidAsync(decimal usd)
    {
        await HeldAsync();
        Assert.IsType<ClaimResult.Ready>(await _two.Claims.SelfPayAsync(TheClaim.Id!, "No insurance.", Ct));
        await new SelfPayPipeline(_two.Records, TwoPayers.Clock).RunAsync(Ct);
        Assert.Equal((ClaimStage.PatientBalance, 152m), (TheClaim.Stage(), Money.PatientUsd));
        if (usd > 0)
            Assert.IsType<MoneyResult.Done>(await new PatientPayments(_two.Records, TwoPayers.Clock).PostAsync(new PatientPayment { PatientId = "pat", AmountUsd = usd, TransactionId = "T1", EnteredBy = "desk" }, Ct));
    }

    private async Task HeldAsync()
    {
        foreach (var coverage in _two.Records.All<Coverage>().ToList())
        {
            coverage.Beneficiary = new ResourceReference("Patient/somebody-else");
            _two.Records.Put(coverage);
        }

        Assert.IsType<ClaimResult.Held>(await _two.Claims.RunAsync("visit", new DateOnly(2026, 3, 3), Ct));
    }

    private void Insure(Action<Coverage>? change = null)
    {
        var coverage = _two.Records.Get<Coverage>("cov");
        coverage.Beneficiary = new ResourceReference("Patient/pat");
        change?.Invoke(coverage);
        _two.Records.Put(coverage);
    }
}
