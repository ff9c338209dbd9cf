using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;

namespace FhirEmr.BillingBridge.Kpis;

/// <summary>The money of one claim: from its journal, or, for a claim no journal knows, from its submission and its payers' answers.</summary>
internal static class PostedMoney
{
    public static IReadOnlyList<Posting> Of(ClaimParts parts, DateOnly? submittedOn) => parts.Journal.Count > 0
        ? [.. parts.Journal.Values.OrderBy(e => e.PostedOn).ThenBy(e => e.Key, StringComparer.Ordinal).SelectMany(Of)]
        : parts.Header is { IsChargedBefore: false } header && submittedOn is { } day ? [.. Derived(parts, header, day)] : [];

    /// <summary>One entry. Its receivable lines move the balances; its money lines are payments; the rest says what else became of the amount.</summary>
    private static IEnumerable<Posting> Of(JournalEntry entry)
    {
        foreach (var line in entry.Lines)
        {
            if (line.Account switch
            {
                LedgerAccount.Revenue => Post(line, Measure.Charge, -line.AmountUsd),
                LedgerAccount.UnappliedPayerMoney => Post(line, Measure.PayerPayment, line.AmountUsd),
                LedgerAccount.UnappliedPatientMoney => Post(line, Measure.PatientPayment, line.AmountUsd),
                LedgerAccount.Cash => Post(line, IsPatients(entry) ? Measure.PatientPayment : Measure.PayerPayment, line.AmountUsd),
                LedgerAccount.ContractualAdjustment => Post(line, Measure.Contractual, line.AmountUsd),
                LedgerAccount.DenialWriteOff => Post(line, Measure.DenialWriteOff, line.AmountUsd),
                LedgerAccount.BadDebtWriteOff => Post(line, Measure.BadDebt, line.AmountUsd),
                LedgerAccount.OtherWriteOff => Post(line, Measure.OtherWriteOff, line.AmountUsd),
                LedgerAccount.InsuranceReceivable => Post(line, Measure.PayerBalance, line.AmountUsd),
                LedgerAccount.PatientReceivable => Post(line, Measure.PatientBalance, line.AmountUsd),
                _ => (Posting?)null, // provider-level adjustments belong to no claim's figures
            } is { } posting)
                yield return posting;
        }

        // What became the patient's: the change of the patient's receivable that neither a payment nor a write-off made.
        if (entry.Event is JournalEvent.PatientPayment or JournalEvent.Refund or JournalEvent.WriteOff)
            yield break;
        foreach (var item in entry.Lines.GroupBy(l => l.Item ?? 0))
        {
            var share = item.Where(l => l.Account is LedgerAccount.PatientReceivable or LedgerAccount.UnappliedPatientMoney).Sum(l => l.AmountUsd);
            if (share != 0m && item.Any(l => l.Account == LedgerAccount.PatientReceivable))
                yield return new(Cents(share), entry.PostedOn.DayNumber, (short)item.Key, Measure.PatientShare);
        }

        Posting Post(JournalLine line, Measure measure, decimal usd) => new(Cents(usd), entry.PostedOn.DayNumber, (short)(line.Item ?? 0), measure);
    }

    private static bool IsPatients(JournalEntry entry) =>
        entry.Event == JournalEvent.PatientPayment || (entry.Lines.Any(l => l.Account is LedgerAccount.PatientReceivable or LedgerAccount.UnappliedPatientMoney)
        && !entry.Lines.Any(l => l.Account is LedgerAccount.InsuranceReceivable or LedgerAccount.UnappliedPayerMoney));

    private static List<Posting> Derived(ClaimParts parts, ClaimHeader header, DateOnly submittedOn)
    {
        var balances = new Dictionary<(short Line, Measure Who), long>();
        var postings = new List<Posting>();
        var isPrimary = header.Rank <= 1;
        if (isPrimary && header.Frequency != "8")
        {
            foreach (var line in header.Lines)
                Move(submittedOn, (short)line.Number, Measure.Charge, line.ChargeCents, header.PayerClass == "self" ? Measure.PatientBalance : Measure.PayerBalance, 1);
            if (header.PayerClass == "self")
                foreach (var line in header.Lines)
                    postings.Add(new(line.ChargeCents, submittedOn.DayNumber, (short)line.Number, Measure.PatientShare));
        }

        foreach (var answer in parts.Answers.Values.Where(a => a.IsAdjudication).OrderBy(a => a.PaidOn).ThenBy(a => a.At).ThenBy(a => a.Id, StringComparer.Ordinal))
        {
            var posted = 0L;
            foreach (var line in answer.Lines)
            {
                var number = (short)Math.Max(line.Number, 0);
                posted += line.PaidCents;
                Pay(answer.PaidOn, number, line.PaidCents);
                foreach (var adjustment in line.Adjustments)
                {
                    if (adjustment.Group == "PR" && !DeniedLines.IsDenial(adjustment, line))
                        Share(answer.PaidOn, number, adjustment.Cents);
                    else if (isPrimary && !DeniedLines.IsDenial(adjustment, line))
                        Move(answer.PaidOn, number, Measure.Contractual, adjustment.Cents, Measure.PayerBalance, -1);
                }
            }

            Pay(answer.PaidOn, 0, answer.PaidCents - posted); // a claim paid as a whole, without lines
        }

        foreach (var step in parts.Steps.Values.OrderBy(s => s.At).Where(s => s.To is ClaimStage.Voided or ClaimStage.Replaced or ClaimStage.WrittenOff))
        {
            foreach (var ((line, who), cents) in balances.Where(b => b.Value > 0).ToArray())
                Move(step.On, line, step.To != ClaimStage.WrittenOff ? Measure.Charge : who == Measure.PatientBalance ? Measure.BadDebt : Measure.DenialWriteOff,
                    step.To != ClaimStage.WrittenOff ? -cents : cents, who, step.To != ClaimStage.WrittenOff ? 1 : -1);
        }

        return postings;

        void Pay(DateOnly day, short line, long cents)
        {
            if (cents == 0)
                return;
            if (isPrimary)
                Move(day, line, Measure.PayerPayment, cents, Measure.PayerBalance, -1);
            else
                postings.Add(new(cents, day.DayNumber, line, Measure.PayerPayment)); // it lessens what the primary claim left
        }

        void Share(DateOnly day, short line, long cents)
        {
            if (!isPrimary)
                return;
            Move(day, line, Measure.PatientShare, cents, Measure.PatientBalance, 1);
            postings.Add(new(-cents, day.DayNumber, line, Measure.PayerBalance));
            balances[(line, Measure.PayerBalance)] = balances.GetValueOrDefault((line, Measure.PayerBalance)) - cents;
        }

        void Move(DateOnly day, short line, Measure measure, long cents, Measure who, int sign)
        {
            if (cents == 0)
                return;
            postings.Add(new(cents, day.DayNumber, line, measure));
            postings.Add(new(sign * cents, day.DayNumber, line, who));
            balances[(line, who)] = balances.GetValueOrDefault((line, who)) + sign * cents;
        }
    }

    private static long Cents(decimal usd) => (long)decimal.Round(usd * 100m, MidpointRounding.AwayFromZero);
}
