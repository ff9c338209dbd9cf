using FhirEmr.BillingBridge.Ledger;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>What posting a remittance would do. Nothing was stored.</summary>
/// <param name="Result">What would become of each payment and claim.</param>
/// <param name="Entries">What would be entered.</param>
/// <param name="Changes">Every claim whose balance would change.</param>
/// <param name="Work">The worklist items it would make: code and what to do.</param>
public sealed record RemittancePreview(
    RemittanceResult Result, IReadOnlyList<JournalEntry> Entries, IReadOnlyList<BalanceChange> Changes, IReadOnlyList<(string Code, string Description)> Work);

/// <summary>A claim before and after.</summary>
public sealed record BalanceChange(ClaimBalance Before, ClaimBalance After);
