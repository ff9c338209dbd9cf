using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>What a claim charges, entered when it first goes out, and what later changes of it make of that.</summary>
internal static class ClaimCharges
{
    /// <summary>The entries that go with queueing a claim: its charge, or the difference to what was charged; of a replacement or void, the end of the earlier charge.</summary>
    public static async Task<IReadOnlyList<JournalEntry>> QueuedAsync(IFhirRecords records, Claim claim, DateOnly today, CancellationToken ct)
    {
        if ((await LedgerClaim.OfAsync(records, claim, ct)).Id != claim.Id)
            return [];

        var journal = new Journal(records);
        var entries = new List<JournalEntry>();
        var frequency = claim.Frequency();
        if (frequency is "7" or "8")
        {
            foreach (var related in claim.Related)
            {
                if (FhirReferences.IdOf(related.Claim?.Reference, "Claim") is { } id && await records.ReadAsync<Claim>(id, ct) is { } earlier
                    && Correction(earlier, await journal.OfClaimAsync(earlier, ct), [], BillingKey.Of("journal", "charge-void", id), $"Claim/{claim.Id}", today) is { } end)
                    entries.Add(end);
            }
        }

        if (frequency == "8")
            return entries;

        // A claim that was in a batch before, or charged to the patient, has its charge; what was mended since is the difference.
        var before = claim.Identifier.Exists(i => i.System == BillingUrls.Batch) || claim.GetExtension(LedgerUrls.LastEntry) is not null ? await journal.OfClaimAsync(claim, ct) : [];
        var entry = Charged(before).Count == 0
            ? Charge(claim, today)
            : Correction(claim, before, claim.Item, BillingKey.Of("journal", "charge-correction", claim.Id, claim.Meta?.VersionId), $"Claim/{claim.Id}", today);
        if (entry is not null)
            entries.Add(entry);
        return entries;
    }

    /// <summary>Revenue against the payer's receivable, by line; against the patient's when no insurance is asked. Null when nothing is charged.</summary>
    public static JournalEntry? Charge(Claim claim, DateOnly today)
    {
        var lines = new List<JournalLine>();
        var owed = Receivable(claim);
        foreach (var item in claim.Item)
            lines.Move(item.Net?.Value ?? 0m, owed, LedgerAccount.Revenue, item.Sequence);
        return Entry(claim, JournalEvent.Charge, lines, BillingKey.Of("journal", "charge", claim.Id), $"Claim/{claim.Id}", today);
    }

    /// <summary>
    /// What the patient was charged becomes the payer's to pay, line by line. What was written off for the patient's sake is taken back first: then the patient's
    /// side of the claim holds exactly what the patient paid.
    /// </summary>
    /// <param name="claim">The claim as the patient was charged for it.</param>
    /// <param name="before">Its entries.</param>
    public static IReadOnlyList<JournalEntry> ToInsurance(Claim claim, IReadOnlyList<JournalEntry> before, string note, string? who, DateOnly today)
    {
        List<JournalLine> taken =
        [
            .. before.Where(e => e.Event is JournalEvent.WriteOff).SelectMany(e => e.Lines).GroupBy(l => (l.Account, l.Item, l.Reason))
                .Select(g => new JournalLine(g.Key.Account, -g.Sum(l => l.AmountUsd), g.Key.Item, g.Key.Reason)).Where(l => l.AmountUsd != 0),
        ];
        var moved = new List<JournalLine>();
        foreach (var (item, usd) in Charged(before).OrderBy(c => c.Key))
            moved.Move(usd, LedgerAccount.InsuranceReceivable, LedgerAccount.PatientReceivable, item == 0 ? null : item);
        return [.. ((IEnumerable<JournalEntry?>)[Of(JournalEvent.WriteOff, taken, "write-off-back"), Of(JournalEvent.Transfer, moved, "to-insurance")]).OfType<JournalEntry>()];

        JournalEntry? Of(JournalEvent journalEvent, List<JournalLine> lines, string kind) =>
            Entry(claim, journalEvent, lines, BillingKey.Of("journal", kind, claim.Id, claim.Meta?.VersionId), $"Claim/{claim.Id}", today) is { } entry ? entry with { EnteredBy = who, Note = note } : null;
    }

    /// <summary>Whether these entries have the claim's charge.</summary>
    public static bool IsCharged(IEnumerable<JournalEntry> ofClaim) => ofClaim.Any(e => e.Event is JournalEvent.Charge);

    private static JournalEntry? Correction(
        Claim claim, IReadOnlyList<JournalEntry> before, IReadOnlyList<Claim.ItemComponent> now, string key, string source, DateOnly today)
    {
        var charged = Charged(before);
        var lines = new List<JournalLine>();
        var owed = Receivable(claim);
        var items = now.Where(i => i.Sequence is not null).GroupBy(i => i.Sequence!.Value).ToDictionary(g => g.Key, g => g.Sum(i => i.Net?.Value ?? 0m));
        foreach (var item in charged.Keys.Union(items.Keys).Order())
            lines.Move(items.GetValueOrDefault(item) - charged.GetValueOrDefault(item), owed, LedgerAccount.Revenue, item == 0 ? null : item);
        return Entry(claim, JournalEvent.ChargeCorrection, lines, key, source, today);
    }

    private static Dictionary<int, decimal> Charged(IEnumerable<JournalEntry> entries) => entries
        .Where(e => e.Event is JournalEvent.Charge or JournalEvent.ChargeCorrection)
        .SelectMany(e => e.Lines).Where(l => l.Account == LedgerAccount.Revenue)
        .GroupBy(l => l.Item ?? 0).ToDictionary(g => g.Key, g => -g.Sum(l => l.AmountUsd));

    private static LedgerAccount Receivable(Claim claim) =>
        claim.Insurance.Exists(i => i.Focal == true && i.Coverage?.Reference is { Length: > 0 }) ? LedgerAccount.InsuranceReceivable : LedgerAccount.PatientReceivable;

    private static JournalEntry? Entry(Claim claim, JournalEvent journalEvent, List<JournalLine> lines, string key, string source, DateOnly today) => lines.Count == 0
        ? null
        : new JournalEntry
        {
            Key = key,
            Event = journalEvent,
            PostedOn = today,
            Claim = $"Claim/{claim.Id}",
            Patient = LedgerClaim.PatientOf(claim),
            Source = source,
            Lines = lines,
        };
}
