using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>What the journal puts into a transaction.</summary>
internal static class JournalWrites
{
    /// <summary>An entry, once, in the transaction of what it tells of.</summary>
    public static void Enter(this FhirTransaction transaction, JournalEntry entry) => transaction.CreateOnce(JournalBasic.ToBasic(entry), entry.Key);
}
