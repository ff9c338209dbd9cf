namespace FhirEmr.BillingBridge.Ledger;

/// <summary>One movement of money, for ever: entries are never changed, only followed by others (reliability R-15).</summary>
public sealed record JournalEntry
{
    /// <summary>Idempotency key: the same event is entered once.</summary>
    public required string Key { get; init; }

    public required JournalEvent Event { get; init; }

    /// <summary>The posting date, by which money is reported.</summary>
    public required DateOnly PostedOn { get; init; }

    /// <summary><c>Claim/id</c>; null for what belongs to no claim.</summary>
    public string? Claim { get; init; }

    /// <summary><c>Patient/id</c>; null for what belongs to no patient.</summary>
    public string? Patient { get; init; }

    /// <summary>The resource that says why: ClaimResponse, PaymentReconciliation, PaymentNotice, Claim.</summary>
    public string? Source { get; init; }

    /// <summary>At least two; they sum to zero.</summary>
    public required IReadOnlyList<JournalLine> Lines { get; init; }
}
