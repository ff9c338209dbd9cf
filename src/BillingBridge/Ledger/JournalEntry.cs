using System.Globalization;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>One movement of money, for ever: entries are never changed, only followed by others (reliability R-15).</summary>
public sealed record JournalEntry
{
    private readonly IReadOnlyList<JournalLine> lines = [];

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

    /// <summary>At least two; they sum to zero. There is no entry of other lines.</summary>
    /// <exception cref="ArgumentException">The lines are no entry, see <see cref="Fault"/>.</exception>
    public required IReadOnlyList<JournalLine> Lines
    {
        get => lines;
        init => lines = Fault(value) is { } fault ? throw new ArgumentException(fault, nameof(value)) : value;
    }

    /// <summary>Who entered it; null for the billing bridge itself.</summary>
    public string? EnteredBy { get; init; }

    /// <summary>Why, in a person's words; null where the event says it all.</summary>
    public string? Note { get; init; }

    /// <summary>What keeps lines from being an entry, as a sentence; null when nothing does.</summary>
    public static string? Fault(IReadOnlyList<JournalLine> lines)
    {
        if (lines.Count < 2)
            return $"A journal entry has at least two lines; this one has {lines.Count}.";
        if (lines.FirstOrDefault(l => l.AmountUsd == 0 || decimal.Round(l.AmountUsd, 2) != l.AmountUsd) is { } odd)
            return string.Create(CultureInfo.InvariantCulture, $"A line of a journal entry moves whole cents, and at least one: {odd.Account} has {odd.AmountUsd}.");
        var sum = lines.Sum(l => l.AmountUsd);
        return sum == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"The lines of a journal entry sum to zero; these sum to {sum:0.00}.");
    }
}
