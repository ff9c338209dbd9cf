using FhirEmr.BillingBridge.Ledger;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>The money of one claim while a remittance is posted: what the journal has, and what is about to be entered.</summary>
/// <param name="claim">The claim that was charged.</param>
/// <param name="posted">Its entries in the store.</param>
internal sealed class ClaimMoney(Claim claim, IReadOnlyList<JournalEntry> posted)
{
    public Claim Claim => claim;

    public List<JournalEntry> Entries { get; } = [];

    /// <summary>Adds entries; a claim that went out before the journal was kept gets its charge first.</summary>
    public void Add(JournalEntry entry, DateOnly today)
    {
        if (!ClaimCharges.IsCharged(posted) && !ClaimCharges.IsCharged(Entries) && ClaimCharges.Charge(claim, today) is { } charge)
            Entries.Add(charge);
        Entries.Add(entry);
    }

    /// <summary>The entry made under a key, stored or about to be.</summary>
    public JournalEntry? Find(string key) => posted.Concat(Entries).FirstOrDefault(e => e.Key == key);

    public ClaimBalance Balance => Balances.Of(posted.Concat(Entries)).OfClaim($"Claim/{claim.Id}");
}
