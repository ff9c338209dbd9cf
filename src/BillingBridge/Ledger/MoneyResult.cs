namespace FhirEmr.BillingBridge.Ledger;

/// <summary>What became of a person's posting.</summary>
public abstract record MoneyResult
{
    private MoneyResult()
    {
    }

    /// <summary>It is in the journal.</summary>
    /// <param name="Resource">What was made for it, <c>PaymentReconciliation/id</c>; null when it is entries only.</param>
    /// <param name="Entries">The entries, in order.</param>
    /// <param name="Balances">The claims it touched, as they stand now.</param>
    public sealed record Done(string? Resource, IReadOnlyList<JournalEntry> Entries, IReadOnlyList<ClaimBalance> Balances) : MoneyResult;

    /// <summary>The same transaction was posted before; nothing was changed.</summary>
    public sealed record Before(string Resource) : MoneyResult;

    /// <summary>There is no such patient, claim or payment.</summary>
    public sealed record NotFound(string Reference) : MoneyResult;

    /// <summary>Above what the person may post.</summary>
    public sealed record OverLimit(decimal AmountUsd, decimal LimitUsd) : MoneyResult;

    /// <summary>It cannot be; why, in a sentence.</summary>
    public sealed record Refused(string Why) : MoneyResult;

    /// <summary>Other changes to the same money kept getting in between; repeat it.</summary>
    public sealed record Busy : MoneyResult;
}
