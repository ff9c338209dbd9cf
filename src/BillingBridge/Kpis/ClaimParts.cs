using FhirEmr.BillingBridge.Ledger;

namespace FhirEmr.BillingBridge.Kpis;

/// <summary>What the records say about one claim, each resource once: what is read again replaces what was read before.</summary>
public sealed class ClaimParts
{
    /// <summary>Null until the Claim itself was read: its answers or its journal may come first.</summary>
    public ClaimHeader? Header { get; set; }

    public Dictionary<string, StageStep> Steps { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, AnswerFacts> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Journal entries by the id of the resource that holds them.</summary>
    public Dictionary<string, JournalEntry> Journal { get; } = new(StringComparer.Ordinal);

    public bool IsEmpty => Header is null && Steps.Count == 0 && Answers.Count == 0 && Journal.Count == 0;
}
