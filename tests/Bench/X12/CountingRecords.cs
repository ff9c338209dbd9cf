using System.Globalization;
using FhirEmr.BillingBridge.Ports;
using Hl7.Fhir.Model;

namespace FhirEmr.Bench.X12;

/// <summary>Records that hold the invented claims and nothing else, and keep nothing: what posting costs apart from the store.</summary>
internal sealed class CountingRecords : IFhirRecords
{
    private const string Asked = "identifier=";
    private const string ClaimNumber = "urn:fhiremr:pcn|HT";
    private int _ids;

    public Task<EncounterChart?> ReadChartAsync(string encounterId, CancellationToken ct) => Task.FromResult<EncounterChart?>(null);

    public Task<T?> ReadAsync<T>(string id, CancellationToken ct)
        where T : Resource => Task.FromResult<T?>(null);

    public async IAsyncEnumerable<T> SearchAsync<T>(string query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
        where T : Resource
    {
        await Task.CompletedTask;
        if (typeof(T) != typeof(Claim) || !query.StartsWith(Asked, StringComparison.Ordinal))
            yield break;
        foreach (var number in query[Asked.Length..].Split(',').Where(value => value.StartsWith(ClaimNumber, StringComparison.Ordinal)))
        {
            var claim = InventedClaims.Claim(int.Parse(number.AsSpan(ClaimNumber.Length), CultureInfo.InvariantCulture));
            claim.Meta = new Meta { VersionId = "1" };
            yield return (T)(Resource)claim;
        }
    }

    public Task<CommitOutcome> CommitAsync(Bundle transaction, CancellationToken ct) => Task.FromResult<CommitOutcome>(new CommitOutcome.Committed(new Bundle
    {
        Type = Bundle.BundleType.TransactionResponse,
        Entry = [.. transaction.Entry.Select(e => new Bundle.EntryComponent { Response = new Bundle.ResponseComponent { Status = "201", Location = $"{e.Request!.Url}/{++_ids}/_history/1" } })],
    }));
}
