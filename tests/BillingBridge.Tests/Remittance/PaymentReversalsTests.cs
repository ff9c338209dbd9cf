using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Tests.Fakes.LedgerPractice;

namespace FhirEmr.BillingBridge.Tests.Remittance;

/// <summary>A posted payment taken back by one action.</summary>
public sealed class PaymentReversalsTests
{
    private readonly LedgerPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PaymentReversals Reversals => new(_practice.Records, SmallPractice.Time);

    private PaymentReconciliation Payment => _practice.Records.All<PaymentReconciliation>().Last();

    [Fact]
    public async Task A_remittance_is_taken_back_whole_and_every_account_is_as_before_it()
    {
        await _practice.SubmitAsync("a1");
        await _practice.SubmitAsync("b1");
        var before = Accounts();
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid), Clp("b1", "4", "99213:25 120 0 CO-197=120", "87880 30 0 CO-197=30")], "L6:x -1.23"));
        Assert.NotEqual(before, Accounts());

        var done = Assert.IsType<MoneyResult.Done>(await ReverseAsync());

        Assert.Equal(before, Accounts());
        Assert.Equal(0m, _practice.Balances.SumUsd);
        Assert.Equal(3, done.Entries.Count); // deposit, interest, the answer to a1; the denial moved no money
        Assert.All(done.Entries, e => Assert.Equal((JournalEvent.Reversal, "biller", "wrong practice"), (e.Event, e.EnteredBy, e.Note)));
        Assert.Equal((ClaimStage.Reversed, ClaimStage.Reversed), (_practice.Practice.Stage("a1"), _practice.Practice.Stage("b1")));
        Assert.Equal(FinancialResourceStatusCodes.Cancelled, Payment.Status);
        Assert.All(_practice.Records.All<ExplanationOfBenefit>(), b => Assert.Equal(ExplanationOfBenefit.ExplanationOfBenefitStatus.Cancelled, b.Status));
        Assert.Equal(0m, _practice.Records.All<ClaimResponse>().Sum(r => r.Payment!.Amount!.Value));
        Assert.All(_practice.Records.All<FhirTask>(), t => Assert.Equal(FhirTask.TaskStatus.Cancelled, t.Status)); // the denial is nobody's work any more
    }

    [Fact]
    public async Task A_preview_tells_the_entries_and_stores_nothing()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        var before = _practice.Records.Snapshot;
        var done = Assert.IsType<MoneyResult.Done>(await ReverseAsync(isPreview: true));
        Assert.Equal((2, 150m), (done.Entries.Count, Assert.Single(done.Balances).InsuranceUsd));
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task Twice_is_refused_and_the_same_payment_may_be_posted_again_once()
    {
        await _practice.SubmitAsync("a1");
        var era = Era("E1", [Clp("a1", "1", Paid)]);
        await _practice.PostAsync(era);
        var posted = Accounts();
        await ReverseAsync();
        Assert.IsType<MoneyResult.Refused>(await ReverseAsync());

        Assert.IsType<PaymentOutcome.Posted>(Assert.Single((await _practice.PostAsync(era)).Payments));
        Assert.Equal(posted, Accounts());
        Assert.Equal(ClaimStage.PatientBalance, _practice.Practice.Stage("a1"));
        Assert.IsType<PaymentOutcome.Duplicate>(Assert.Single((await _practice.PostAsync(era)).Payments));
        Assert.Equal(posted, Accounts());

        var again = _practice.Records.All<PaymentReconciliation>().Single(p => p.Status == FinancialResourceStatusCodes.Active);
        Assert.IsType<MoneyResult.Done>(await Reversals.PostAsync(again.Id!, "wrong again", "biller", null, isPreview: false, Ct));
        Assert.Equal(0m, _practice.Balances.Usd(LedgerAccount.Cash));
    }

    [Fact]
    public async Task A_payment_that_came_to_no_claim_leaves_its_worklist_too()
    {
        await _practice.PostAsync(Era("E1", [Clp("lost", "1", Paid)]));
        Assert.Equal(["unmatched-remit"], _practice.TaskCodes);
        Assert.IsType<MoneyResult.Done>(await ReverseAsync());
        Assert.Equal(FhirTask.TaskStatus.Cancelled, _practice.Records.All<FhirTask>().Single().Status);
        Assert.Equal(0m, _practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney));
    }

    [Fact]
    public async Task A_patients_payment_that_bounced_opens_the_claims_it_closed()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        var before = Accounts();
        await new PatientPayments(_practice.Records, SmallPractice.Time).PostAsync(new PatientPayment { PatientId = "p-a1", AmountUsd = 25m, TransactionId = "ch_1", EnteredBy = "desk" }, Ct);
        Assert.Equal(ClaimStage.Closed, _practice.Practice.Stage("a1"));

        var payment = _practice.Records.All<PaymentReconciliation>().Single(p => p.GetExtension(LedgerUrls.PaidBy) is not null);
        Assert.IsType<MoneyResult.Done>(await Reversals.PostAsync(payment.Id!, "bounced", "biller", null, isPreview: false, Ct));

        Assert.Equal(before, Accounts());
        Assert.Equal((ClaimStage.PatientBalance, 25m), (_practice.Practice.Stage("a1"), _practice.Of("a1").PatientUsd));
    }

    [Fact]
    public async Task What_the_payer_itself_took_back_is_not_taken_back_again()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        var first = Payment.Id!;
        await _practice.PostAsync(Era("E2", [Clp("a1", "22", Reversed)]));
        Assert.IsType<MoneyResult.Refused>(await Reversals.PostAsync(first, "wrong", "biller", null, isPreview: false, Ct));
        Assert.IsType<MoneyResult.Refused>(await Reversals.PostAsync(_practice.Records.All<PaymentReconciliation>().Single(p => p.Id != first).Id!, "wrong", "biller", null, isPreview: false, Ct));
    }

    [Fact]
    public async Task It_needs_a_reason_a_payment_and_a_limit_that_reaches()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        Assert.IsType<MoneyResult.Refused>(await Reversals.PostAsync(Payment.Id!, " ", "biller", null, isPreview: false, Ct));
        Assert.IsType<MoneyResult.NotFound>(await Reversals.PostAsync("nobody", "x", "biller", null, isPreview: false, Ct));
        Assert.IsType<MoneyResult.OverLimit>(await Reversals.PostAsync(Payment.Id!, "x", "biller", 74.99m, isPreview: false, Ct));
    }

    private Task<MoneyResult> ReverseAsync(bool isPreview = false) => Reversals.PostAsync(Payment.Id!, "wrong practice", "biller", null, isPreview, Ct);

    private string Accounts() => string.Join(' ', Enum.GetValues<LedgerAccount>().Select(a => FormattableString.Invariant($"{a}={_practice.Balances.Usd(a):0.00}")));
}
