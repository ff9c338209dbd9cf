using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Tests.Fakes.LedgerPractice;

namespace FhirEmr.BillingBridge.Tests.Ledger;

/// <summary>What an 835 does to the books.</summary>
public sealed class PostingTests
{
    private readonly LedgerPractice _practice = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_moves_money_line_by_line()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));

        Assert.Equal([JournalEvent.Charge, JournalEvent.Deposit, JournalEvent.Adjudication], _practice.Entries.OrderBy(e => e.Event).Select(e => e.Event));
        var entry = _practice.Entries.Single(e => e.Event is JournalEvent.Adjudication);
        Assert.StartsWith("ClaimResponse/", entry.Source, StringComparison.Ordinal);
        Assert.Equal(
            [
                new(LedgerAccount.UnappliedPayerMoney, 55m, 1), new(LedgerAccount.InsuranceReceivable, -55m, 1),
                new(LedgerAccount.ContractualAdjustment, 40m, 1, "CO-45"), new(LedgerAccount.InsuranceReceivable, -40m, 1, "CO-45"),
                new(LedgerAccount.PatientReceivable, 25m, 1, "PR-3"), new(LedgerAccount.InsuranceReceivable, -25m, 1, "PR-3"),
                new(LedgerAccount.UnappliedPayerMoney, 20m, 2), new(LedgerAccount.InsuranceReceivable, -20m, 2),
                new(LedgerAccount.ContractualAdjustment, 10m, 2, "CO-45"), new JournalLine(LedgerAccount.InsuranceReceivable, -10m, 2, "CO-45"),
            ],
            entry.Lines);
        Assert.Equal((75m, 0m, -150m), (_practice.Balances.Usd(LedgerAccount.Cash), _practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney), _practice.Balances.Usd(LedgerAccount.Revenue)));
        var balance = _practice.Of("a1");
        Assert.Equal((150m, 75m, 50m, 0m, 25m), (balance.ChargesUsd, balance.PayerPaidUsd, balance.AdjustedUsd, balance.InsuranceUsd, balance.PatientUsd));
    }

    /// <summary>Billing spec 2.4, worked: charge 140, allowed 86.80, copay 25.</summary>
    [Fact]
    public async Task The_worked_example_of_the_specification()
    {
        await _practice.SubmitAsync("a1", change: c => (c.Item, c.Total) = ([SmallPractice.Line(1, "99213", 140m, ["25"], 1, 2)], SmallPractice.Usd(140m)));
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", "99213:25 140 61.8 CO-45=53.2 PR-3=25")]));

        var balance = _practice.Of("a1");
        Assert.Equal((61.8m, 53.2m, 25m, 0m), (balance.PayerPaidUsd, balance.AdjustedUsd, balance.PatientUsd, balance.InsuranceUsd));
    }

    [Theory]
    [InlineData("CO-197=120", 0, 120, 0, 0)] // denied: open with the payer until worked
    [InlineData("CO-24=120", 0, 0, 0, 120)] // capitated: no denial, written off
    [InlineData("PR-204=120", 0, 0, 120, 0)] // the patient's, although it is a denial
    [InlineData("CO-45=40 CO-97=80", 0, 80, 0, 40)]
    [InlineData("OA-23=65", 55, 65, 0, 0)] // what an earlier payer did is no write-off
    [InlineData("CO-23=65", 55, 65, 0, 0)]
    [InlineData("PI-45=65", 55, 0, 0, 65)]
    [InlineData("CO-253=1.1 CO-45=63.9", 55, 0, 0, 65)]
    public async Task Each_adjustment_goes_where_it_belongs(string adjustments, int paid, int insurance, int patient, int adjusted)
    {
        await _practice.SubmitAsync("a1", change: c => (c.Item, c.Total) = ([c.Item[0]], SmallPractice.Usd(120m)));
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", $"99213:25 120 {paid} {adjustments}")]));

        var balance = _practice.Of("a1");
        Assert.Equal((paid, insurance, patient, adjusted), ((int)balance.PayerPaidUsd, (int)balance.InsuranceUsd, (int)balance.PatientUsd, (int)balance.AdjustedUsd));
    }

    [Fact]
    public async Task An_adjustment_of_the_claim_lowers_what_its_lines_were_paid()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("PCNA1", "1", "CI", ["99213:25 120 80 CO-45=40", "87880 30 20 CO-45=10"], ["CO-253=2", "PR-1=8"])]));

        var balance = _practice.Of("a1");
        Assert.Equal((90m, 52m, 8m, 0m, 0m), (balance.PayerPaidUsd, balance.AdjustedUsd, balance.PatientUsd, balance.InsuranceUsd, _practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney)));
    }

    [Theory]
    [InlineData("23")]
    [InlineData("25")]
    public async Task What_is_no_answer_moves_nothing(string status)
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", status, "99213:25 120 0 CO-45=40 PR-3=80", "87880 30 0 CO-45=30")]));
        Assert.Equal(150m, _practice.Of("a1").InsuranceUsd);
    }

    [Fact]
    public async Task What_the_patient_owes_waits_for_the_next_payer()
    {
        await _practice.SubmitAsync("a1", change: AddSecond);
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        Assert.Equal((25m, 0m), (_practice.Of("a1").InsuranceUsd, _practice.Of("a1").PatientUsd));

        // The first payer passed it on: the second answers the same claim.
        await _practice.PostAsync(Era("E2", [Clp("a1", "2", "99213:25 120 20 OA-23=95 PR-3=5", "87880 30 0 OA-23=30")]));
        Assert.Equal((95m, 0m, 5m, 50m), (_practice.Of("a1").PayerPaidUsd, _practice.Of("a1").InsuranceUsd, _practice.Of("a1").PatientUsd, _practice.Of("a1").AdjustedUsd));
    }

    [Fact]
    public async Task A_secondary_claims_answer_is_entered_on_the_claim_that_was_charged()
    {
        await _practice.SubmitAsync("a1", change: AddSecond);
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        var answer = _practice.Records.All<ClaimResponse>().Single().Id;
        await _practice.SubmitAsync("a2", patient: "Patient/p-a1", change: c =>
        {
            c.Insurance[0].Sequence = 2;
            c.Insurance.Insert(0, new Claim.InsuranceComponent { Sequence = 1, Focal = false, Coverage = new ResourceReference("Coverage/c-a1"), ClaimResponse = new ResourceReference($"ClaimResponse/{answer}") });
        });
        await _practice.PostAsync(Era("E2", [Clp("a2", "2", "99213:25 120 20 OA-23=95 PR-3=5", "87880 30 0 OA-23=30")]));

        Assert.Equal((95m, 0m, 5m), (_practice.Of("a1").PayerPaidUsd, _practice.Of("a1").InsuranceUsd, _practice.Of("a1").PatientUsd));
        Assert.Equal(0m, _practice.Of("a2").BalanceUsd);
    }

    [Fact]
    public async Task A_reversal_is_the_exact_opposite_and_the_correction_stands()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        await _practice.PostAsync(Era("E2", [Clp("a1", "22", Reversed), Clp("a1", "1", Corrected)]));

        var first = _practice.Entries.Single(e => e.Event is JournalEvent.Adjudication && e.Lines.Sum(l => Math.Max(0, l.AmountUsd)) == 150m && e.Lines[0].AmountUsd == 55m);
        var reversal = _practice.Entries.Single(e => e.Event is JournalEvent.Reversal);
        Assert.Equal(first.Lines.Select(l => l with { AmountUsd = -l.AmountUsd }), reversal.Lines);
        Assert.Equal((90m, 50m, 10m, 0m), (_practice.Of("a1").PayerPaidUsd, _practice.Of("a1").AdjustedUsd, _practice.Of("a1").PatientUsd, _practice.Of("a1").InsuranceUsd));
        Assert.Equal((90m, 0m), (_practice.Balances.Usd(LedgerAccount.Cash), _practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney)));
        Assert.Empty(_practice.TaskCodes);
    }

    [Fact]
    public async Task A_reversal_in_a_net_negative_payment_is_money_out()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        await _practice.PostAsync(Era("E2", [Clp("a1", "22", Reversed)]));

        Assert.Equal((0m, 0m, 150m), (_practice.Balances.Usd(LedgerAccount.Cash), _practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney), _practice.Of("a1").InsuranceUsd));
    }

    [Fact]
    public async Task Provider_adjustments_have_their_own_account_and_a_forwarding_balance_comes_back_to_zero()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)], "L6:INT -1.25", "FB:F1 -60", "72:R1 5"));
        Assert.Equal((131.25m, -56.25m, 0m), (_practice.Balances.Usd(LedgerAccount.Cash), _practice.Balances.Usd(LedgerAccount.ProviderAdjustment), _practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney)));

        await _practice.SubmitAsync("a2");
        await _practice.PostAsync(Era("E2", [Clp("a2", "1", Paid)], "FB:F1 60"));
        Assert.Equal(0m, _practice.Entries.SelectMany(e => e.Lines).Where(l => l is { Reason: "FB", Account: LedgerAccount.ProviderAdjustment }).Sum(l => l.AmountUsd));
        Assert.Equal(0m, _practice.Of("a2").InsuranceUsd);
    }

    [Fact]
    public async Task A_recovery_is_posted_to_the_claim_it_names_and_opens_it_again()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        await _practice.SubmitAsync("a2");
        await _practice.PostAsync(Era("E2", [Clp("a2", "1", Paid)], "WO:ICNPCNA1 15"));

        Assert.Equal((60m, 15m, 25m), (_practice.Of("a1").PayerPaidUsd, _practice.Of("a1").InsuranceUsd, _practice.Of("a1").PatientUsd));
        Assert.Equal(0m, _practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney));
        Assert.Equal(["take-back"], _practice.TaskCodes);
    }

    [Fact]
    public async Task A_recovery_of_an_overpayment_settles_it_without_further_work()
    {
        await _practice.SubmitAsync("a1", change: c => (c.Item, c.Total) = ([c.Item[0]], SmallPractice.Usd(120m)));
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", "99213:25 120 80 CO-45=40")]));
        await _practice.PostAsync(Era("E2", [Clp("PCNA1", "1", "MB", ["99213:25 120 85 CO-45=35"], [])]));
        Assert.Equal((-120m, 165m), (_practice.Of("a1").BalanceUsd, _practice.Of("a1").PayerPaidUsd));
        Assert.Equal(["credit-balance", "duplicate-payment"], _practice.TaskCodes);
        var task = _practice.Records.All<FhirTask>().Single(t => t.Code!.Coding[0].Code == "credit-balance");
        Assert.Equal((120m, "2026-05-31"), (((Money)task.Input[0].Value!).Value, task.Restriction!.Period!.End)); // Medicare: 60 days

        await _practice.SubmitAsync("a2");
        await _practice.PostAsync(Era("E3", [Clp("a2", "1", "99213:25 120 120", "87880 30 30")], "WO:ICNPCNA1 120"));
        Assert.Equal(0m, _practice.Of("a1").BalanceUsd);
        Assert.Equal(["credit-balance", "duplicate-payment"], _practice.TaskCodes);
    }

    [Fact]
    public async Task A_recovery_of_nothing_we_know_is_work()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)], "WO:ELSEWHERE 15"));
        Assert.Equal(15m, _practice.Balances.Usd(LedgerAccount.ProviderAdjustment));
        Assert.Equal(["unmatched-remit"], _practice.TaskCodes);
    }

    [Fact]
    public async Task A_claim_that_went_out_before_the_journal_was_kept_gets_its_charge_with_its_first_answer()
    {
        _practice.Practice.AddClaim("a1");
        _practice.Practice.SetStage("a1", ClaimStage.Submitted);
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        Assert.Equal((150m, 25m), (_practice.Of("a1").ChargesUsd, _practice.Of("a1").BalanceUsd));
    }

    [Theory]
    [InlineData("PCNNONE", "1", "unmatched-remit")]
    [InlineData("PCNA1", "22", "unmatched-remit")]
    public async Task Money_that_fits_nothing_stays_unapplied_until_a_person_says_what_it_is_for(string number, string status, string task)
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp(number, status, "CI", status == "22" ? Reversed : Paid, [])]));

        Assert.Equal(status == "22" ? 75m : -75m, _practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney));
        Assert.Equal([task], _practice.TaskCodes);
        Assert.Equal(150m, _practice.Of("a1").InsuranceUsd);
    }

    [Fact]
    public async Task A_person_finds_the_claim_and_the_money_moves_as_if_the_file_had_named_it()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("PCNNONE", "1", "CI", Paid, [])]));
        var task = _practice.Records.All<FhirTask>().Single().Id!;

        Assert.IsType<MoneyResult.Refused>(await _practice.Pipeline().MatchAsync(task, null, null, Ct));
        Assert.IsType<MoneyResult.NotFound>(await _practice.Pipeline().MatchAsync(task, "nobody", null, Ct));
        Assert.Equal(new MoneyResult.OverLimit(75m, 74m), await _practice.Pipeline().MatchAsync(task, "a1", 74m, Ct));
        var done = Assert.IsType<MoneyResult.Done>(await _practice.Pipeline().MatchAsync(task, "a1", 75m, Ct));

        Assert.Equal(JournalEvent.Adjudication, Assert.Single(done.Entries).Event);
        Assert.Equal((75m, 25m, 0m), (_practice.Of("a1").PayerPaidUsd, _practice.Of("a1").PatientUsd, _practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney)));
        Assert.Equal(ClaimStage.PatientBalance, _practice.Practice.Stage("a1"));
        var detail = _practice.Records.All<PaymentReconciliation>().Single().Detail.Single();
        Assert.Equal(("Claim/a1", $"ClaimResponse/{_practice.Records.All<ClaimResponse>().Single().Id}"), (detail.Request!.Reference, detail.Response!.Reference));
        Assert.Equal(FhirTask.TaskStatus.Completed, _practice.Records.All<FhirTask>().Single().Status);
        Assert.IsType<MoneyResult.Refused>(await _practice.Pipeline().MatchAsync(task, "a1", null, Ct));
        Assert.Equal(75m, _practice.Of("a1").PayerPaidUsd);
    }

    [Fact]
    public async Task A_possible_duplicate_is_posted_when_a_person_says_that_it_is_none()
    {
        await _practice.SubmitAsync("a1");
        await _practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]));
        await _practice.PostAsync(Era("E2", [Clp("a1", "1", Paid)]));
        Assert.Equal(-75m, _practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney));

        var task = _practice.Records.All<FhirTask>().Single().Id!;
        Assert.IsType<MoneyResult.Done>(await _practice.Pipeline().MatchAsync(task, null, null, Ct));
        Assert.Equal((0m, 150m), (_practice.Balances.Usd(LedgerAccount.UnappliedPayerMoney), _practice.Of("a1").PayerPaidUsd));
        Assert.Equal(["credit-balance", "duplicate-payment"], _practice.TaskCodes);
    }

    [Theory]
    [InlineData("B6=80", 92.50, true)]
    [InlineData("B6=80", 81.00, false)] // a dollar, not more
    [InlineData("B6=80", 81.01, true)]
    [InlineData("", 92.50, true)] // no AMT*B6: paid and the patient's share, 80
    [InlineData("B6=80", 500, true)] // never more than was charged
    public async Task What_is_allowed_below_the_contract_is_work(string allowed, double contract, bool isShort)
    {
        var practice = new LedgerPractice { Contracts = new([new("FM001", "99213", null, new(2026, 1, 1), null, (decimal)contract), new("FM001", "99213", null, null, new(2025, 12, 31), 300m), new("OTHER", "99213", null, null, null, 119m)]) };
        await practice.SubmitAsync("a1");
        await practice.PostAsync(Era("E1", [Clp("a1", "1", $"99213:25 120 55 CO-45=40 PR-3=25 {allowed}".Trim(), "87880 30 20 CO-45=10")]));

        Assert.Equal(isShort ? ["underpayment"] : [], practice.TaskCodes);
        if (isShort)
            Assert.Equal(Math.Min((decimal)contract, 120m) - 80m, ((Money)practice.Records.All<FhirTask>().Single().Input[0].Value!).Value);
    }

    [Fact]
    public async Task The_contract_is_that_of_the_payer_the_claim_was_sent_to_however_the_remittance_names_it()
    {
        var practice = new LedgerPractice { Contracts = new([new("FM001", "99213", null, null, null, 92.5m)]) };
        await practice.SubmitAsync("a1");
        await practice.PostAsync(Era("E1", [Clp("a1", "1", Paid)]).Replace("XV*FM001", "XV*1600000001", StringComparison.Ordinal));
        Assert.Equal(["underpayment"], practice.TaskCodes);
    }

    [Fact]
    public async Task One_per_cent_of_a_large_amount_is_no_underpayment_and_a_denial_is_none_either()
    {
        var practice = new LedgerPractice { Contracts = new([new("FM001", "99213", "25", null, null, 119.99m), new("FM001", "99213", null, null, null, 50m)]) };
        await practice.SubmitAsync("a1", change: c => (c.Item, c.Total) = ([SmallPractice.Line(1, "99213", 1200m, ["25"], 1, 2)], SmallPractice.Usd(1200m)));
        await practice.PostAsync(Era("E1", [Clp("a1", "1", "99213:25 1200 118.99 CO-45=1081.01 B6=118.99")])); // short by exactly one dollar
        await practice.SubmitAsync("a2");
        await practice.PostAsync(Era("E2", [Clp("a2", "4", "99213:25 120 0 CO-197=120", "87880 30 0 CO-197=30")]));
        Assert.DoesNotContain("underpayment", practice.TaskCodes);
    }

    [Fact]
    public async Task A_preview_tells_every_balance_change_and_stores_nothing()
    {
        await _practice.SubmitAsync("a1");
        await _practice.SubmitAsync("a2");
        var era = Era("E1", [Clp("a1", "1", Paid), Clp("a2", "4", "99213:25 120 0 CO-197=120", "87880 30 0 CO-11=30"), Clp("PCNNONE", "1", "CI", Paid, [])], "L6:INT -2");
        var before = _practice.Records.Snapshot;

        var preview = await _practice.Pipeline(1).PreviewAsync(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(era)), Ct);

        Assert.Equal(before, _practice.Records.Snapshot);
        Assert.Equal([("Claim/a1", 150m, 25m)], preview.Changes.Select(c => (c.Before.Claim, c.Before.BalanceUsd, c.After.BalanceUsd)));
        Assert.Equal(["denial-auth", "denial-medical-necessity", "unmatched-remit"], preview.Work.Select(w => w.Code).Order());
        await _practice.PostAsync(era);
        Assert.Equal(_practice.Entries.Where(e => e.Event is not JournalEvent.Charge).Select(e => e.Key).Order(), preview.Entries.Select(e => e.Key).Order());
        Assert.Equal(25m, _practice.Of("a1").BalanceUsd);
        Assert.Empty((await _practice.Pipeline().PreviewAsync(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(era)), Ct)).Entries);
    }

    [Theory]
    [InlineData("CLP*PCNA1*1*150*75.001")]
    [InlineData("BPR*I*75.001")]
    public async Task Thousandths_are_refused_before_anything_is_posted(string odd)
    {
        await _practice.SubmitAsync("a1");
        var era = Era("E1", [Clp("a1", "1", Paid)]).Replace(odd[..^4], odd, StringComparison.Ordinal);
        Assert.True((await _practice.PostAsync(era)).IsRefused);
        Assert.Equal(150m, _practice.Of("a1").InsuranceUsd);
    }

    private static void AddSecond(Claim claim) => claim.Insurance.Add(new Claim.InsuranceComponent { Sequence = 2, Focal = false, Coverage = new ResourceReference("Coverage/second") });
}
