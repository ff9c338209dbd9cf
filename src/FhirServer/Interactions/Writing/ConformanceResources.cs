using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Validation.Definitions;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Brings the definitions that the store holds to where they are asked for: after a write of this node at once, of others when it is looked for.</summary>
internal sealed class ConformanceResources(IResourceStore store, StoredConformance stored) : IDisposable
{
    private const int Page = 500;

    private readonly SemaphoreSlim gate = new(1, 1);
    private string seen = "";

    public static bool Has(string type) => Array.IndexOf(StoredConformance.Types, type) >= 0;

    /// <summary>Reads all of them when anything has changed since the last time.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            var stamp = await StampAsync(ct);
            if (stamp == seen)
                return;
            var resources = new List<ReadOnlyMemory<byte>>();
            foreach (var type in StoredConformance.Types)
                for (PagePosition? after = null; ;)
                {
                    var page = await store.SearchAsync(new(type, new SearchExpression.And([])) { Count = Page, After = after }, SystemPlans.Definitions, ct);
                    resources.AddRange(page.Matches.Select(m => m.Json));
                    if ((after = page.Next) is null)
                        break;
                }

            stored.Replace(resources);
            seen = stamp;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    /// <summary>How many there are and the newest version of each type: another whenever one is stored or deleted.</summary>
    private async Task<string> StampAsync(CancellationToken ct)
    {
        var stamp = new List<string>();
        foreach (var type in StoredConformance.Types)
        {
            var page = await store.SearchAsync(new(type, new SearchExpression.And([])) { Count = 0, Total = TotalMode.Accurate }, SystemPlans.Definitions, ct);
            var newest = page.Total == 0 ? null : await store.HistoryAsync(new(type, null, 1, null, null, null), SystemPlans.Definitions, ct);
            stamp.Add($"{page.Total}@{(newest?.Versions is [var first, ..] ? first.LastUpdated.ToUnixTimeMilliseconds() : 0)}");
        }

        return string.Join('|', stamp);
    }
}
