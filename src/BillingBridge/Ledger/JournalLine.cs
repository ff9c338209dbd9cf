namespace FhirEmr.BillingBridge.Ledger;

/// <summary>One side of an entry.</summary>
/// <param name="AmountUsd">Positive debits, negative credits; never zero.</param>
/// <param name="Item">Claim.item.sequence; null when the amount belongs to the claim, or to none.</param>
/// <param name="Reason">Group and CARC (<c>CO-45</c>), PLB code, or the reason of a write-off; null where the event says it all.</param>
public sealed record JournalLine(LedgerAccount Account, decimal AmountUsd, int? Item = null, string? Reason = null);
