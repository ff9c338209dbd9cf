using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Scrubbing;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests;

public sealed class SelfPayPipelineTests
{
    private readonly TestBilling _billing = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private SelfPayPipeline Pipeline => new(_billing.Records, TwoPayers.Clock);

    private Balances Balances => Balances.Of(_billing.Records.All<Basic>().Where(JournalBasic.IsEntry).Select(JournalBasic.Parse));

    [Fact]
    public async Task A_person_says_that_the_patient_pays_and_the_visit_is_charged_to_them_without_a_file()
    {
        await HeldAsync();

        var ready = Assert.IsType<ClaimResult.Ready>(await _billing.Pipeline.SelfPayAsync(_billing.TheClaim.Id!, "No insurance, asked at the desk.", Ct));
        Assert.Equal("No insurance, asked at the desk.", _billing.TheClaim.GetStringExtension(BillingUrls.SelfPayExtension));
        Assert.All(_billing.Records.All<FhirTask>(), t => Assert.Equal(FhirTask.TaskStatus.Completed, t.Status));
        Assert.Equal([ready.ClaimId], await Pipeline.RunAsync(Ct));
        Assert.Empty(await Pipeline.RunAsync(Ct));

        Assert.Equal(ClaimStage.PatientBalance, _billing.TheClaim.Stage());
        var balance = Balances.OfClaim($"Claim/{ready.ClaimId}");
        Assert.Equal((152m, 0m, 152m), (balance.ChargesUsd, balance.InsuranceUsd, balance.PatientUsd));
        Assert.Equal(0m, Balances.SumUsd);
    }

    [Fact]
    public async Task A_ready_claim_of_a_patient_who_pays_goes_into_no_file()
    {
        await HeldAsync();
        await _billing.Pipeline.SelfPayAsync(_billing.TheClaim.Id!, "No insurance.", Ct);
        var batch = await new SubmissionPipeline(_billing.Records, new MemoryChannel(), TwoPayers.Sender, TwoPayers.Clock).BatchReadyClaimsAsync(Ct);
        Assert.Empty(batch.Batches);
        Assert.Empty(batch.NotSent);
        Assert.Equal(ClaimStage.Ready, _billing.TheClaim.Stage());
    }

    [Fact]
    public async Task A_coverage_that_says_self_pay_needs_nobody_to_say_it_again()
    {
        Uninsure();
        _billing.Records.Put(new Coverage
        {
            Id = "self",
            Status = FinancialResourceStatusCodes.Active,
            Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/coverage-selfpay", "pay"),
            Beneficiary = new ResourceReference("Patient/pat"),
            Payor = [new ResourceReference("Patient/pat")],
        });

        Assert.IsType<ClaimResult.Ready>(await _billing.RunAsync());
        Assert.True(_billing.TheClaim.IsSelfPay());
        Assert.Single(await Pipeline.RunAsync(Ct));
        Assert.Equal(152m, Balances.Usd(LedgerAccount.PatientReceivable));
    }

    [Fact]
    public async Task A_coverage_in_force_goes_before_one_that_says_self_pay()
    {
        _billing.Records.Put(new Coverage
        {
            Id = "self",
            Status = FinancialResourceStatusCodes.Active,
            Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/coverage-selfpay", "pay"),
            Beneficiary = new ResourceReference("Patient/pat"),
            Payor = [new ResourceReference("Patient/pat")],
        });
        await _billing.RunAsync();
        Assert.False(_billing.TheClaim.IsSelfPay());
        Assert.Equal(["Coverage/cov"], _billing.TheClaim.Insurance.Select(i => i.Coverage!.Reference));
    }

    [Fact]
    public async Task What_is_wrong_with_the_charge_holds_it_all_the_same()
    {
        var note = _billing.Practice.Related.OfType<Composition>().First();
        note.Status = CompositionStatus.Preliminary;
        _billing.Records.Put(note);
        await HeldAsync();

        var held = Assert.IsType<ClaimResult.Held>(await _billing.Pipeline.SelfPayAsync(_billing.TheClaim.Id!, "No insurance.", Ct));
        Assert.Equal(["HDR-007"], held.Findings.Where(f => f.Severity == FindingSeverity.Reject).Select(f => f.RuleId));
        Assert.Empty(await Pipeline.RunAsync(Ct));
    }

    [Fact]
    public async Task What_was_paid_at_the_desk_is_applied_when_the_visit_is_charged_and_settles_it()
    {
        await HeldAsync();
        var paid = new PatientPayment { PatientId = "pat", AmountUsd = 152m, TransactionId = "T1", EnteredBy = "desk" };
        Assert.IsType<MoneyResult.Done>(await new PatientPayments(_billing.Records, TwoPayers.Clock).PostAsync(paid, Ct));
        await _billing.Pipeline.SelfPayAsync(_billing.TheClaim.Id!, "No insurance.", Ct);
        await Pipeline.RunAsync(Ct);
        Assert.Equal(ClaimStage.Closed, _billing.TheClaim.Stage());
        Assert.Equal((0m, 152m, 0m), (Balances.Usd(LedgerAccount.PatientReceivable), Balances.Usd(LedgerAccount.Cash), Balances.SumUsd));
    }

    [Fact]
    public async Task It_needs_a_reason_and_a_claim_that_went_nowhere_yet()
    {
        await HeldAsync();
        Assert.IsType<ClaimResult.Refused>(await _billing.Pipeline.SelfPayAsync(_billing.TheClaim.Id!, " ", Ct));
        Assert.IsType<ClaimResult.NoSuchClaim>(await _billing.Pipeline.SelfPayAsync("nobody", "x", Ct));
        await _billing.Pipeline.SelfPayAsync(_billing.TheClaim.Id!, "No insurance.", Ct);
        await Pipeline.RunAsync(Ct);
        Assert.IsType<ClaimResult.Refused>(await _billing.Pipeline.SelfPayAsync(_billing.TheClaim.Id!, "No insurance.", Ct));
    }

    private async Task HeldAsync()
    {
        Uninsure();
        Assert.IsType<ClaimResult.Held>(await _billing.RunAsync());
    }

    private void Uninsure()
    {
        _billing.Practice.Coverage.Beneficiary = new ResourceReference("Patient/somebody-else");
        _billing.Records.Put(_billing.Practice.Coverage);
    }
}
