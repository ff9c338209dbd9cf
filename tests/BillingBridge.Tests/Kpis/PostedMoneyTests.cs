using FhirEmr.BillingBridge.Kpis;
using FhirEmr.BillingBridge.Ledger;
using static FhirEmr.BillingBridge.Tests.Kpis.KpiPractice;

namespace FhirEmr.BillingBridge.Tests.Kpis;

public sealed class PostedMoneyTests
{
    private static readonly DateOnly Day = new(2026, 2, 10);

    [Fact]
    public void An_adjudication_pays_adjusts_and_leaves_the_patient_a_share()
    {
        var sums = Sums(Entry(JournalEvent.Charge, (LedgerAccount.InsuranceReceivable, 100m), (LedgerAccount.Revenue, -100m)), Entry(
            JournalEvent.Adjudication, (LedgerAccount.UnappliedPayerMoney, 60m), (LedgerAccount.ContractualAdjustment, 20m), (LedgerAccount.PatientReceivable, 20m), (LedgerAccount.InsuranceReceivable, -100m)));
        Assert.Equal(
            [(Measure.Charge, 100m), (Measure.PayerPayment, 60m), (Measure.Contractual, 20m), (Measure.PatientShare, 20m), (Measure.PayerBalance, 0m), (Measure.PatientBalance, 20m)], sums);
    }

    [Fact]
    public void A_patients_payment_moves_the_balance_and_not_the_share() => Assert.Equal(
        [(Measure.PatientPayment, 20m), (Measure.PatientBalance, -20m)],
        Sums(Entry(JournalEvent.PatientPayment, (LedgerAccount.Cash, 20m), (LedgerAccount.PatientReceivable, -20m))));

    [Fact]
    public void A_patients_money_found_later_for_the_claim_is_a_payment() => Assert.Equal(
        [(Measure.PatientPayment, 20m), (Measure.PatientBalance, -20m)],
        Sums(Entry(JournalEvent.Transfer, (LedgerAccount.UnappliedPatientMoney, 20m), (LedgerAccount.PatientReceivable, -20m))));

    [Fact]
    public void What_goes_from_the_payer_to_the_patient_becomes_the_patients_share() => Assert.Equal(
        [(Measure.PatientShare, 30m), (Measure.PayerBalance, -30m), (Measure.PatientBalance, 30m)],
        Sums(Entry(JournalEvent.Transfer, (LedgerAccount.PatientReceivable, 30m), (LedgerAccount.InsuranceReceivable, -30m))));

    [Fact]
    public void Refunds_lessen_whose_payments_they_give_back()
    {
        Assert.Equal(
            [(Measure.PayerPayment, -15m), (Measure.PayerBalance, 15m)],
            Sums(Entry(JournalEvent.Refund, (LedgerAccount.InsuranceReceivable, 15m), (LedgerAccount.Cash, -15m))));
        Assert.Equal(
            [(Measure.PatientPayment, -15m), (Measure.PatientBalance, 15m)],
            Sums(Entry(JournalEvent.Refund, (LedgerAccount.PatientReceivable, 15m), (LedgerAccount.Cash, -15m))));
    }

    [Fact]
    public void Write_offs_are_kept_by_their_reason() => Assert.Equal(
        [(Measure.DenialWriteOff, 10m), (Measure.BadDebt, 5m), (Measure.OtherWriteOff, 1m), (Measure.PayerBalance, -10m), (Measure.PatientBalance, -6m)],
        Sums(
            Entry(JournalEvent.WriteOff, (LedgerAccount.DenialWriteOff, 10m), (LedgerAccount.InsuranceReceivable, -10m)),
            Entry(JournalEvent.WriteOff, (LedgerAccount.BadDebtWriteOff, 5m), (LedgerAccount.OtherWriteOff, 1m), (LedgerAccount.PatientReceivable, -6m))));

    [Fact]
    public void Without_a_journal_the_submission_and_the_answers_say_the_same()
    {
        var parts = new ClaimParts { Header = Header("c1", Line(1, 100m), Line(2, 50m)) };
        parts.Answers["a"] = new("a", default, Day, "T", "1", 150_00, 60_00,
        [
            new(1, 100_00, 80_00, 60_00, [], [new("CO", "45", 20_00), new("PR", "2", 20_00)]), new(2, 50_00, 0, 0, [], [new("CO", "197", 50_00)]),
        ]);
        Assert.Equal(
            [(Measure.Charge, 150m), (Measure.PayerPayment, 60m), (Measure.Contractual, 20m), (Measure.PatientShare, 20m), (Measure.PayerBalance, 50m), (Measure.PatientBalance, 20m)],
            Sums(PostedMoney.Of(parts, Day)));
        Assert.Empty(PostedMoney.Of(parts, null)); // never sent: nobody owes anything
    }

    [Fact]
    public void Without_a_journal_a_reversal_takes_back_what_its_answer_posted()
    {
        var parts = new ClaimParts { Header = Header("c1") };
        parts.Answers["a"] = new("a", default, Day, "T", "1", 100_00, 60_00, [new(1, 100_00, 80_00, 60_00, [], [new("CO", "45", 20_00), new("PR", "2", 20_00)])]);
        parts.Answers["b"] = new("b", default, Day.AddDays(9), "U", "22", -100_00, -60_00, [new(1, -100_00, -80_00, -60_00, [], [new("CO", "45", -20_00), new("PR", "2", -20_00)])]);
        Assert.Equal(
            [(Measure.Charge, 100m), (Measure.PayerPayment, 0m), (Measure.Contractual, 0m), (Measure.PatientShare, 0m), (Measure.PayerBalance, 100m), (Measure.PatientBalance, 0m)],
            Sums(PostedMoney.Of(parts, Day)));
    }

    [Fact]
    public void Without_a_journal_the_secondary_payers_money_is_no_credit_of_its_own_claim()
    {
        var parts = new ClaimParts { Header = Header("c2") with { Rank = 2 } };
        parts.Answers["a"] = new("a", default, Day, "T", "2", 100_00, 20_00, [new(1, 100_00, 80_00, 20_00, [], [new("OA", "23", 80_00)])]);
        Assert.Equal([(Measure.PayerPayment, 20m)], Sums(PostedMoney.Of(parts, Day)));
    }

    private static JournalEntry Entry(JournalEvent what, params (LedgerAccount Account, decimal Usd)[] lines) => new()
    {
        Key = $"{what} {string.Join(' ', lines)}",
        Event = what,
        PostedOn = Day,
        Claim = "Claim/c1",
        Lines = [.. lines.Select(l => new JournalLine(l.Account, l.Usd, 1))],
    };

    private static (Measure, decimal)[] Sums(params JournalEntry[] entries)
    {
        Assert.All(entries, e => Assert.Equal(0m, e.Lines.Sum(l => l.AmountUsd)));
        var parts = new ClaimParts { Header = Header("c1") };
        foreach (var entry in entries)
            parts.Journal[entry.Key] = entry;
        return Sums(PostedMoney.Of(parts, null));
    }

    private static (Measure, decimal)[] Sums(IReadOnlyList<Posting> postings) => [.. postings.GroupBy(p => p.Measure).OrderBy(g => g.Key).Select(g => (g.Key, g.Sum(p => p.Cents) / 100m))];
}
