using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Validation.Definitions;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Brings the definitions that the store holds to where they are asked for: what this node writes with the write, what others write when it is looked for.</summary>
internal sealed class ConformanceResources(IResourceStore store, StoredConformance stored) : IDisposable
{
    private const int Page = 500;

    /// <summary>A version may become visible so long after its instant: the clocks of nodes differ, and a commit takes its time.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly Dictionary<string, DateTimeOffset> seen = new(StringComparer.Ordinal);

    /// <summary>After the commit of a plan.</summary>
    public void Take(CommitPlan plan)
    {
        foreach (var write in plan.Writes)
            if (Array.IndexOf(StoredConformance.Types, write.Key.Type) >= 0)
                stored.Take([(write.Key, write.Version, write.IsDeleted ? default : BodyCodec.Shipped.Decompress(write.Body))]);
    }

    /// <summary>Reads what changed since the last time; everything at the first.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            foreach (var type in StoredConformance.Types)
            {
                if (!seen.ContainsKey(type) || !await FollowAsync(type, ct))
                    await ReadAllAsync(type, ct);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    /// <summary>False when the number differs nevertheless: something was purged, which leaves no version behind.</summary>
    private async Task<bool> FollowAsync(string type, CancellationToken ct)
    {
        for (HistoryPosition? after = null; ;)
        {
            var page = await store.HistoryAsync(new(type, null, Page, seen[type] - Late, null, after), SystemPlans.Definitions, ct);
            Take(type, page.Versions);
            if ((after = page.Next) is null)
                break;
        }

        var count = await store.SearchAsync(new(type, new SearchExpression.And([])) { Count = 0, Total = TotalMode.Accurate }, SystemPlans.Definitions, ct);
        return count.Total == stored.Count(type);
    }

    private async Task ReadAllAsync(string type, CancellationToken ct)
    {
        stored.Forget(type);
        seen[type] = DateTimeOffset.UnixEpoch + Late;
        for (PagePosition? after = null; ;)
        {
            var page = await store.SearchAsync(new(type, new SearchExpression.And([])) { Count = Page, After = after }, SystemPlans.Definitions, ct);
            Take(type, page.Matches);
            if ((after = page.Next) is null)
                break;
        }
    }

    private void Take(string type, IReadOnlyList<StoredResource> versions)
    {
        stored.Take(versions.Select(v => (v.Key, v.Version, v.IsDeleted ? default : v.Json)));
        foreach (var version in versions)
            if (version.LastUpdated > seen[type])
                seen[type] = version.LastUpdated;
    }
}
