using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>Records that are read and never written: what would have been committed is kept, so that a preview walks the very path of posting.</summary>
internal sealed class DryRun(IFhirRecords records) : IFhirRecords
{
    private readonly Dictionary<string, JournalEntry> entries = [];

    public IEnumerable<JournalEntry> Entries => entries.Values;

    public List<FhirTask> Tasks { get; } = [];

    public Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct) => records.ReadChartAsync(encounterId, ct);

    public Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource => records.ReadAsync<T>(id, ct);

    public IAsyncEnumerable<T> SearchAsync<T>(string query, CancellationToken ct)
        where T : Resource => records.SearchAsync<T>(query, ct);

    public async Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct)
    {
        var journal = new Journal(records);
        foreach (var resource in transaction.Entry.Select(e => e.Resource))
        {
            if (resource is Basic basic && JournalBasic.IsEntry(basic) && JournalBasic.Parse(basic) is var entry && await journal.FindAsync(entry.Key, ct) is null)
                entries[entry.Key] = entry;
            else if (resource is FhirTask task)
                Tasks.Add(task);
        }

        return new CommitOutcome.Committed(new Bundle());
    }
}
