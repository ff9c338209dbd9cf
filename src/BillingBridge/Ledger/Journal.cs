using System.Globalization;
using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Ledger;

/// <summary>The journal as it stands in the store. Reading only: entries come with the transactions of what they tell of.</summary>
public sealed class Journal(IFhirRecords records)
{
    private const string Entries = $"code={LedgerUrls.Ledger}|{LedgerUrls.EntryCode}";

    /// <summary>Every entry of a patient, by posting date.</summary>
    /// <param name="patient"><c>Patient/id</c>.</param>
    public async Task<IReadOnlyList<JournalEntry>> OfPatientAsync(string patient, CancellationToken ct)
    {
        var entries = new List<JournalEntry>();
        await foreach (var entry in SearchAsync($"{Entries}&patient={Uri.EscapeDataString(patient)}", ct))
            entries.Add(entry);
        return [.. entries.OrderBy(e => e.PostedOn)];
    }

    /// <summary>Every entry of each of some patients, by posting date.</summary>
    /// <param name="patients"><c>Patient/id</c>, each once.</param>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<JournalEntry>>> OfPatientsAsync(IReadOnlyCollection<string> patients, CancellationToken ct)
    {
        var found = new List<JournalEntry>();
        foreach (var some in patients.Chunk(BillingKey.ValuesAtOnce))
            await foreach (var entry in SearchAsync($"{Entries}&patient={string.Join(',', some.Select(Uri.EscapeDataString))}", ct))
                found.Add(entry);
        var entries = found.ToLookup(e => $"Patient/{FhirReferences.IdOf(e.Patient, "Patient")}");
        return patients.ToDictionary(p => p, IReadOnlyList<JournalEntry> (p) => [.. entries[p].OrderBy(e => e.PostedOn)]);
    }

    /// <summary>Every entry of a claim, by posting date.</summary>
    public async Task<IReadOnlyList<JournalEntry>> OfClaimAsync(Claim claim, CancellationToken ct)
    {
        if (FhirReferences.IdOf(claim.Patient?.Reference, "Patient") is not { } patient)
            return [];
        return [.. (await OfPatientAsync($"Patient/{patient}", ct)).Where(e => e.Claim == $"Claim/{claim.Id}")];
    }

    /// <summary>Every entry posted from one day to another, both included; null has no limit.</summary>
    public IAsyncEnumerable<JournalEntry> PostedAsync(DateOnly? from, DateOnly? to, CancellationToken ct) =>
        SearchAsync($"{Entries}{Bound("ge", from)}{Bound("le", to)}", ct);

    /// <summary>The entry made under a key; null when there is none.</summary>
    public async Task<JournalEntry?> FindAsync(string key, CancellationToken ct)
    {
        await foreach (var basic in records.SearchAsync<Basic>(BillingKey.Query(key), ct))
        {
            if (JournalBasic.IsEntry(basic))
                return JournalBasic.Parse(basic);
        }

        return null;
    }

    private async IAsyncEnumerable<JournalEntry> SearchAsync(string query, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var basic in records.SearchAsync<Basic>(query, ct))
            yield return JournalBasic.Parse(basic);
    }

    private static string Bound(string prefix, DateOnly? day) => day is { } d ? $"&created={prefix}{d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : "";
}
