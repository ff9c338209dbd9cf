using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Tests.Fakes.LedgerPractice;

namespace FhirEmr.BillingBridge.Tests.Ledger;

/// <summary>What people post: payments of patients, refunds, write-offs, plans.</summary>
public sealed class MoneyTests
{
    private const string Patient = "Patient/p-a1";

    private readonly LedgerPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PatientPayments Payments => new(_practice.Records, SmallPractice.Time);

    private Refunds Refunds => new(_practice.Records, SmallPractice.Time);

    private WriteOffs WriteOffs => new(_practice.Records, SmallPractice.Time);

    [Fact]
    public async Task A_payment_goes_to_the_oldest_claim_first_and_the_rest_is_kept()
    {
        await OwingAsync("a1", "2026-03-30");
        await OwingAsync("a2", "2026-01-05");
        var done = Assert.IsType<MoneyResult.Done>(await PayAsync("T1", 40m));

        Assert.Equal((0m, 10m, 0m), (_practice.Of("a2").PatientUsd, _practice.Of("a1").PatientUsd, Unapplied));
        Assert.Equal((ClaimStage.Closed, ClaimStage.PatientBalance), (_practice.Practice.Stage("a2"), _practice.Practice.Stage("a1")));
        Assert.StartsWith("PaymentReconciliation/", done.Resource, StringComparison.Ordinal);
        var payment = _practice.Records.Get<PaymentReconciliation>(done.Resource!.Split('/')[1]);
        Assert.Equal((40m, "T1", Patient), (payment.PaymentAmount!.Value, payment.PaymentIdentifier!.Value, payment.GetExtensionValue<ResourceReference>(LedgerUrls.PaidBy)!.Reference));
        Assert.Equal([("Claim/a2", 25m), ("Claim/a1", 15m)], payment.Detail.Select(d => (d.Request!.Reference!, d.Amount!.Value!.Value)));
        Assert.All(_practice.Entries.Where(e => e.EnteredBy is not null), e => Assert.Equal((done.Resource, "ann"), (e.Source, e.EnteredBy)));

        await PayAsync("T2", 30m);
        Assert.Equal((0m, 20m), (_practice.Of("a1").PatientUsd, Unapplied));
    }

    [Fact]
    public async Task What_has_no_day_is_paid_last()
    {
        await OwingAsync("a1");
        await OwingAsync("a2");
        var dayless = _practice.Records.Get<Claim>("a1");
        dayless.Item.ForEach(i => i.Serviced = null);
        (dayless.BillablePeriod, dayless.Created) = (null, "2026"); // a year is no day
        _practice.Records.Put(dayless);

        await PayAsync("T1", 30m);

        Assert.Equal((20m, 0m), (_practice.Of("a1").PatientUsd, _practice.Of("a2").PatientUsd));
    }

    [Fact]
    public async Task The_same_transaction_is_posted_once_and_another_amount_for_it_is_refused()
    {
        await OwingAsync("a1");
        await PayAsync("T1", 10m);
        var before = _practice.Records.Snapshot;

        Assert.IsType<MoneyResult.Before>(await PayAsync("T1", 10m));
        Assert.Contains("before", Assert.IsType<MoneyResult.Refused>(await PayAsync("T1", 11m)).Why, StringComparison.Ordinal);
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task A_named_claim_takes_what_is_meant_for_it_and_no_other_does()
    {
        await OwingAsync("a1");
        await OwingAsync("a2");
        await PayAsync("T1", 40m, ("a2", 20m));
        Assert.Equal((25m, 5m, 20m), (_practice.Of("a1").PatientUsd, _practice.Of("a2").PatientUsd, Unapplied));
    }

    [Theory]
    [InlineData(0, "T", "more than zero")]
    [InlineData(-5, "T", "more than zero")]
    [InlineData(1.005, "T", "whole cents")]
    [InlineData(10, " ", "transaction id")]
    public async Task A_payment_that_is_none_changes_nothing(double usd, string id, string why)
    {
        await OwingAsync("a1");
        var before = _practice.Records.Snapshot;
        Assert.Contains(why, Assert.IsType<MoneyResult.Refused>(await PayAsync(id, (decimal)usd)).Why, StringComparison.Ordinal);
        Assert.IsType<MoneyResult.NotFound>(await PayAsync("T9", 5m, ("nobody", null)));
        Assert.IsType<MoneyResult.Refused>(await PayAsync("T9", 5m, ("a1", 6m)));
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task A_claim_of_somebody_else_is_not_found()
    {
        await OwingAsync("a1");
        await _practice.SubmitAsync("b1");
        Assert.Equal(new MoneyResult.NotFound("Claim/b1"), await PayAsync("T1", 5m, ("b1", null)));
    }

    [Fact]
    public async Task A_copay_taken_before_the_payer_answers_is_kept_and_applied_afterwards()
    {
        await _practice.SubmitAsync("a1");
        await PayAsync("T1", 30m, ("a1", null));
        Assert.Equal((30m, 0m), (Unapplied, _practice.Of("a1").PatientUsd));

        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        Assert.Equal((5m, 0m, ClaimStage.Closed), (Unapplied, _practice.Of("a1").PatientUsd, _practice.Practice.Stage("a1")));
        Assert.Equal(BillingAgent.Name, _practice.Entries.Single(e => e.Event is JournalEvent.Transfer).EnteredBy);
        var before = _practice.Records.Snapshot;
        await Payments.ApplyAsync("p-a1", "ann", Ct);
        Assert.Equal(before, _practice.Records.Snapshot);
    }

    [Fact]
    public async Task Unapplied_money_is_applied_when_asked_to_what_is_owed_by_then()
    {
        await OwingAsync("a1");
        await OwingAsync("a2");
        await PayAsync("T1", 40m, ("a2", 25m));
        Assert.Equal((15m, 25m), (Unapplied, _practice.Of("a1").PatientUsd));

        Assert.IsType<MoneyResult.Done>(await Payments.ApplyAsync("p-a1", "ann", Ct));
        Assert.Equal((0m, 10m), (Unapplied, _practice.Of("a1").PatientUsd));
        Assert.Equal([("Claim/a2", 25m), ("Claim/a1", 15m)], _practice.Records.All<PaymentReconciliation>().Single(p => p.PaymentIdentifier!.Value == "T1").Detail.Select(d => (d.Request!.Reference!, d.Amount!.Value!.Value)));
    }

    [Fact]
    public async Task Two_who_post_at_once_do_not_use_the_same_balance_twice()
    {
        await OwingAsync("a1");
        var nested = false;
        _practice.Records.BeforeCommit = () =>
        {
            if (nested)
                return;
            nested = true;
            PayAsync("T2", 20m).GetAwaiter().GetResult();
        };
        await PayAsync("T1", 25m);
        Assert.Equal((0m, 20m), (_practice.Of("a1").PatientUsd, Unapplied));
    }

    [Fact]
    public async Task A_refund_gives_back_what_is_held_too_much_and_not_a_cent_more()
    {
        await OwingAsync("a1");
        await PayAsync("T1", 40m);
        Assert.Contains("15.00", Assert.IsType<MoneyResult.Refused>(await RefundAsync("R1", 15.01m)).Why, StringComparison.Ordinal);
        Assert.Equal(new MoneyResult.OverLimit(15m, 10m), await RefundAsync("R1", 15m, limit: 10m));

        Assert.IsType<MoneyResult.Done>(await RefundAsync("R1", 15m));
        Assert.IsType<MoneyResult.Before>(await RefundAsync("R1", 15m));
        Assert.IsType<MoneyResult.Refused>(await RefundAsync("R1", 14m));
        Assert.Equal((0m, 100m), (Unapplied, _practice.Balances.Usd(LedgerAccount.Cash)));
        Assert.Equal(-15m, _practice.Records.All<PaymentReconciliation>().Single(p => p.PaymentIdentifier!.Value == "R1").PaymentAmount!.Value);
    }

    [Fact]
    public async Task After_a_reversal_the_patient_or_the_payer_gets_back_what_was_theirs()
    {
        await OwingAsync("a1");
        await PayAsync("T1", 25m);
        await _practice.PostAsync(Era("E2", [Clp("a1", "22", Reversed), Clp("a1", "1", Corrected)]));
        Assert.Equal(-15m, _practice.Of("a1").PatientUsd);
        Assert.Equal(["credit-balance"], _practice.TaskCodes);

        Assert.IsType<MoneyResult.Refused>(await RefundAsync("R1", 15m, "a1", RefundTo.Payer));
        Assert.IsType<MoneyResult.Done>(await RefundAsync("R1", 15m, "a1"));
        Assert.Equal((0m, 15m), (_practice.Of("a1").BalanceUsd, _practice.Of("a1").RefundedUsd));
    }

    [Theory]
    [InlineData("bad-debt", null, 25, 0, "written-off")]
    [InlineData("charity", 10, 10, 15, "patient-balance")]
    [InlineData("small-balance", null, 25, 0, "written-off")]
    public async Task A_write_off_needs_a_category_and_a_reason_and_closes_the_claim_at_zero(string category, int? usd, int written, int left, string stage)
    {
        await OwingAsync("a1");
        Assert.IsType<MoneyResult.Done>(await WriteOffAsync("a1", category, usd));

        Assert.Equal((written, left, stage), ((int)_practice.Of("a1").WrittenOffUsd, (int)_practice.Of("a1").BalanceUsd, _practice.Practice.Stage("a1")));
        var entry = _practice.Entries.Single(e => e.Event is JournalEvent.WriteOff);
        Assert.Equal((category, "said so", "ann"), (entry.Lines[0].Reason, entry.Note, entry.EnteredBy));
    }

    [Fact]
    public async Task A_denial_is_written_off_from_the_payers_side_only()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "4", "99213:25 120 0 CO-29=120", "87880 30 0 CO-29=30")]));
        Assert.Contains("patient 0.00", Assert.IsType<MoneyResult.Refused>(await WriteOffAsync("a1", "bad-debt", null)).Why, StringComparison.Ordinal);
        Assert.IsType<MoneyResult.Refused>(await WriteOffAsync("a1", "denial", 151m));
        Assert.IsType<MoneyResult.Refused>(await WriteOffAsync("a1", "whim", null));
        Assert.IsType<MoneyResult.NotFound>(await WriteOffAsync("nobody", "denial", null));
        Assert.Equal(new MoneyResult.OverLimit(150m, 149.99m), await WriteOffAsync("a1", "timely-filing", null, limit: 149.99m));
        Assert.Equal(150m, _practice.Of("a1").BalanceUsd);

        Assert.IsType<MoneyResult.Done>(await WriteOffAsync("a1", "timely-filing", null, limit: 150m));
        Assert.Equal((0m, 150m, ClaimStage.WrittenOff), (_practice.Of("a1").BalanceUsd, _practice.Balances.Usd(LedgerAccount.DenialWriteOff), _practice.Practice.Stage("a1")));
    }

    [Fact]
    public async Task A_write_off_with_a_request_id_is_made_once()
    {
        await OwingAsync("a1");
        Assert.IsType<MoneyResult.Done>(await WriteOffAsync("a1", "charity", 5m, request: "W1"));
        Assert.IsType<MoneyResult.Before>(await WriteOffAsync("a1", "charity", 5m, request: "W1"));
        Assert.IsType<MoneyResult.Done>(await WriteOffAsync("a1", "charity", 5m, request: "W2"));
        Assert.Equal(15m, _practice.Of("a1").PatientUsd);
    }

    [Fact]
    public async Task A_plan_is_kept_with_its_dates_and_a_missed_instalment_is_work_once()
    {
        await OwingAsync("a1");
        var clock = new Clock { Now = SmallPractice.Now };
        var plans = new PaymentPlans(_practice.Records, clock);
        Instalment[] instalments = [new(new(2026, 4, 10), 10m), new(new(2026, 5, 10), 10m), new(new(2026, 6, 10), 5m)];
        Assert.IsType<MoneyResult.Done>(await plans.AgreeAsync("p-a1", instalments, Ct));
        Assert.IsType<MoneyResult.Before>(await plans.AgreeAsync("p-a1", instalments, Ct));
        Assert.Equal(instalments, PaymentPlans.Of(_practice.Records.All<Contract>().Single()));

        clock.Now = new(2026, 4, 10, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(0, await plans.CheckAsync(Ct)); // due today is not missed
        await PayAsync("T1", 10m);
        clock.Now = new(2026, 5, 12, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(1, await plans.CheckAsync(Ct));
        await plans.CheckAsync(Ct);
        var task = _practice.Records.All<FhirTask>().Single();
        Assert.Equal((PaymentPlans.MissedInstalment, Patient, 10m), (task.Code!.Coding[0].Code, task.For!.Reference, ((Money)task.Input[0].Value!).Value));
        Assert.Contains("2026-05-10", task.Description, StringComparison.Ordinal);

        await PayAsync("T2", 15m); // everything: nothing more is missed
        clock.Now = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(0, await plans.CheckAsync(Ct));
    }

    [Theory]
    [InlineData("2026-04-10=30", "owes 25.00")]
    [InlineData("2026-03-10=10", "from today on")]
    [InlineData("2026-05-10=10 2026-05-10=10", "each after")]
    [InlineData("2026-05-10=0", "more than zero")]
    [InlineData("", "1 to 120")]
    public async Task A_plan_that_cannot_be_is_refused(string plan, string why)
    {
        await OwingAsync("a1");
        var instalments = plan.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => new Instalment(DateOnly.Parse(p.Split('=')[0], System.Globalization.CultureInfo.InvariantCulture), decimal.Parse(p.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture))).ToList();
        Assert.Contains(why, Assert.IsType<MoneyResult.Refused>(await new PaymentPlans(_practice.Records, SmallPractice.Time).AgreeAsync("p-a1", instalments, Ct)).Why, StringComparison.Ordinal);
        Assert.Empty(_practice.Records.All<Contract>());
    }

    private decimal Unapplied => _practice.Balances.UnappliedUsd(Patient);

    /// <summary>A claim paid but for the copay of 25.</summary>
    private async Task OwingAsync(string id, string day = "2026-03-30")
    {
        await _practice.SubmitAsync(id, Patient, day);
        await _practice.PostAsync(Era($"E{id}", [Clp(id, "1", Paid)]));
        Assert.Equal(25m, _practice.Of(id).PatientUsd);
    }

    private Task<MoneyResult> PayAsync(string id, decimal usd, params (string, decimal?)[] claims) =>
        Payments.PostAsync(new() { PatientId = "p-a1", AmountUsd = usd, TransactionId = id, Claims = claims, EnteredBy = "ann" }, Ct);

    private Task<MoneyResult> RefundAsync(string id, decimal usd, string? claim = null, RefundTo to = RefundTo.Patient, decimal? limit = null) =>
        Refunds.PostAsync(new() { PatientId = "p-a1", ClaimId = claim, To = to, AmountUsd = usd, TransactionId = id, Reason = "paid too much", EnteredBy = "ann", LimitUsd = limit }, Ct);

    private Task<MoneyResult> WriteOffAsync(string id, string category, decimal? usd, decimal? limit = null, string? request = null) =>
        WriteOffs.PostAsync(new() { ClaimId = id, Category = category, AmountUsd = usd, Reason = "said so", EnteredBy = "ann", LimitUsd = limit, RequestId = request }, Ct);

    private sealed class Clock : TimeProvider
    {
        public required DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
