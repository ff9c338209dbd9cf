using System.Globalization;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>The entries of a payment as a whole: the deposit, and what the payer kept or added beside its claims.</summary>
/// <remarks>
/// With the entries of its claims they leave in <see cref="LedgerAccount.UnappliedPayerMoney"/> exactly what could be posted to no claim, because the
/// file was balanced before (Σ CLP04 − Σ PLB = BPR02).
/// </remarks>
internal static class PaymentEntries
{
    /// <summary>Recovery of an overpayment; its reference names the claim.</summary>
    public const string Recovery = "WO";

    /// <summary>Key of the entry that <see cref="Deposit"/> makes.</summary>
    public static string DepositKey(string fileKey) => BillingKey.Of("journal", "deposit", fileKey);

    /// <summary>Key of the entry that <see cref="ProviderAdjustment"/> makes of the n-th amount, from 0.</summary>
    public static string ProviderAdjustmentKey(string fileKey, int index) => BillingKey.Of("journal", "plb", fileKey, index.ToString(CultureInfo.InvariantCulture));

    /// <summary>BPR02, into the payer's unapplied money; null for a notice without money.</summary>
    public static JournalEntry? Deposit(PaymentContext payment, string source, DateOnly today)
    {
        var lines = new List<JournalLine>();
        lines.Move(payment.Payment.PaidUsd, LedgerAccount.Cash, LedgerAccount.UnappliedPayerMoney);
        return lines.Count == 0
            ? null
            : new JournalEntry { Key = DepositKey(payment.FileKey), Event = JournalEvent.Deposit, PostedOn = today, Source = source, Lines = lines };
    }

    /// <summary>One PLB amount: a recovery against the claim it names, anything else to provider adjustments under its code.</summary>
    /// <param name="index">Of the amount among those of its payment.</param>
    /// <param name="claim">The claim whose money a recovery takes; null for everything else.</param>
    public static JournalEntry? ProviderAdjustment(PaymentContext payment, PlbAdjustment adjustment, int index, Claim? claim, string source, DateOnly today)
    {
        var lines = new List<JournalLine>();
        var account = claim is null ? LedgerAccount.ProviderAdjustment : LedgerAccount.InsuranceReceivable;
        lines.Move(adjustment.AmountUsd, account, LedgerAccount.UnappliedPayerMoney, reason: adjustment.Code);
        return lines.Count == 0
            ? null
            : new JournalEntry
            {
                Key = ProviderAdjustmentKey(payment.FileKey, index),
                Event = JournalEvent.ProviderAdjustment,
                PostedOn = today,
                Claim = claim is null ? null : $"Claim/{claim.Id}",
                Patient = claim is null ? null : LedgerClaim.PatientOf(claim),
                Source = source,
                Lines = lines,
            };
    }
}
