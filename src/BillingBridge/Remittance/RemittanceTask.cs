using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>The work that posting a remittance makes (billing spec 1.7).</summary>
internal static class RemittanceTask
{
    public const string UnmatchedRemit = "unmatched-remit";
    public const string UnbalancedRemit = "unbalanced-remit";
    public const string DuplicatePayment = "duplicate-payment";

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
