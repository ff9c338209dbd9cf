using FhirEmr.BillingBridge.X12;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>What an 835 file did.</summary>
/// <param name="Payments">One for each transaction set.</param>
/// <param name="Findings">What is wrong with the file.</param>
public sealed record RemittanceResult(IReadOnlyList<PaymentOutcome> Payments, IReadOnlyList<X12Finding> Findings)
{
    public bool IsRefused => Payments.Count == 0 || Payments.All(p => p is PaymentOutcome.Refused);
}

/// <summary>What became of one payment.</summary>
public abstract record PaymentOutcome(string TraceNumber, decimal PaidUsd)
{
    /// <summary>Posted: now, or completed after an interruption.</summary>
    public sealed record Posted(string TraceNumber, decimal PaidUsd, IReadOnlyList<ClaimPosted> Claims) : PaymentOutcome(TraceNumber, PaidUsd);

    /// <summary>This payment had been posted before; nothing was changed.</summary>
    public sealed record Duplicate(string TraceNumber, decimal PaidUsd) : PaymentOutcome(TraceNumber, PaidUsd);

    /// <summary>It does not add up or is not complete; nothing was posted, a Task waits.</summary>
    public sealed record Refused(string TraceNumber, decimal PaidUsd, IReadOnlyList<X12Finding> Findings) : PaymentOutcome(TraceNumber, PaidUsd);
}

/// <summary>What became of one CLP.</summary>
/// <param name="ControlNumber">CLP01.</param>
/// <param name="ClaimId">Null when no claim of ours fits.</param>
/// <param name="Stage">Stage the claim is in now; null when it was not moved.</param>
public sealed record ClaimPosted(string ControlNumber, string? ClaimId, ClaimPostedAs As, string? Stage, decimal PaidUsd);

/// <summary>How a CLP was posted.</summary>
public enum ClaimPostedAs
{
    /// <summary>ClaimResponse and ExplanationOfBenefit written.</summary>
    Adjudication,

    /// <summary>An earlier adjudication taken back.</summary>
    Reversal,

    /// <summary>No claim fits: money kept in the PaymentReconciliation, Task.</summary>
    Unmatched,

    /// <summary>The same CLP is in another file: not posted, Task.</summary>
    PossibleDuplicate,

    /// <summary>A reversal that matches no earlier posting, or what follows one: not posted, Task.</summary>
    UnmatchedReversal,

    /// <summary>An interrupted earlier run had posted it.</summary>
    Before,
}
