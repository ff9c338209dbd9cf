using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Segments;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>The work that posting a remittance makes (billing spec 1.7).</summary>
internal static class RemittanceTask
{
    public const string UnmatchedRemit = "unmatched-remit";
    public const string UnbalancedRemit = "unbalanced-remit";
    public const string DuplicatePayment = "duplicate-payment";
    public const string Underpayment = "underpayment";
    public const string CreditBalance = "credit-balance";
    public const string TakeBack = "take-back";

    // What Medicare and Medicaid paid too much is repaid within 60 days of being found.
    private const int RepaymentDays = 60;

    /// <param name="code">Worklist.</param>
    /// <param name="key">Idempotency key.</param>
    /// <param name="description">What happened and what to do, in a sentence or two.</param>
    /// <param name="amountUsd">Value at stake.</param>
    /// <param name="payment">Whose payment.</param>
    /// <param name="claim">Focus; null when no claim fits.</param>
    public static WorklistTask For(string code, string key, string description, decimal amountUsd, PaymentContext payment, Claim? claim = null) => new()
    {
        Code = code,
        Key = key,
        Focus = claim is null ? null : $"Claim/{claim.Id}",
        Patient = claim?.Patient?.Reference,
        Description = description,
        ValueAtStakeUsd = amountUsd,
        Payment = payment.Name,
    };

    /// <summary>We hold more than was charged.</summary>
    /// <param name="filing">CLP06 of the answer that made it so; null when it was none.</param>
    public static WorklistTask Credit(string key, Ledger.ClaimBalance balance, string? filing, PaymentContext payment, DateOnly today, Claim claim)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"The claim is overpaid by {-balance.BalanceUsd:0.00} (payer {balance.InsuranceUsd:0.00}, patient {balance.PatientUsd:0.00}). Find whose money it is and refund it, or wait for the payer to take it back.");
        var isPublic = filing is "MA" or "MB" or "MC" or "16";
        return For(CreditBalance, key, text, -balance.BalanceUsd, payment, claim) with { Deadline = isPublic ? today.AddDays(RepaymentDays) : null };
    }

    /// <summary>The payer kept money for an overpayment it names; null when that only settled what we held too much.</summary>
    public static WorklistTask? TakenBack(string key, PlbAdjustment adjustment, Claim? claim, Ledger.ClaimBalance? balance, PaymentContext payment)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"The payer kept {adjustment.AmountUsd:0.00} for an overpayment (PLB WO {adjustment.Reference}).");
        if (claim is null)
            return For(UnmatchedRemit, key, $"{what} No claim of ours has this number of the payer; find the claim it means.", adjustment.AmountUsd, payment);
        return balance is { BalanceUsd: > 0 }
            ? For(TakeBack, key, string.Create(CultureInfo.InvariantCulture, $"{what} The claim is open again with {balance.BalanceUsd:0.00}. Find out why: appeal, bill the patient, or write it off."), balance.BalanceUsd, payment, claim)
            : null;
    }

    /// <summary>A file or payment that must not be posted, with every finding.</summary>
    public static WorklistTask Refused(string key, PaymentContext payment, IReadOnlyList<X12Finding> findings)
    {
        var refusals = findings.Where(f => f.Severity is X12Severity.Refusal).ToList();
        var first = refusals.Count > 0 ? refusals[0].ToString() : "the file is not complete";
        var description = $"The remittance was not posted: {first} Ask the payer for a corrected file, or post by hand.";
        return For(UnbalancedRemit, key, description, payment.Payment.PaidUsd, payment) with { Issues = [.. refusals.Take(50).Select(Issue)] };
    }

    private static OperationOutcome.IssueComponent Issue(X12Finding finding) => new()
    {
        Severity = OperationOutcome.IssueSeverity.Error,
        Code = OperationOutcome.IssueType.Invalid,
        Details = new CodeableConcept { Text = $"{finding.Code}: {finding.Message}" },
        Diagnostics = finding.Place?.ToString(),
    };
}
