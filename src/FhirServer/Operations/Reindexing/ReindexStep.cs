using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Reindex;

namespace FhirEmr.FhirServer.Operations.Reindexing;

/// <summary>Extracts the rows of some resources that are stored already, as the write that stored them would today.</summary>
internal sealed class ReindexStep(ResourceStore store, ResourceIndexer indexer, LocalAddress address)
{
    /// <summary>The next resources of a type behind a key, as a plan.</summary>
    /// <param name="only">Numbers of the parameters wanted; null for all rows.</param>
    public async Task<(CommitPlan Plan, long LastSid)> BuildAsync(string type, long after, int limit, IReadOnlySet<int>? only, CancellationToken ct)
    {
        var resources = await store.QueryAsync(ReindexSql.After(store.Dialect, type, after, limit), store.Read, ct);
        return resources.Count == 0 ? (new(), after) : (await BuildAsync(resources, only, ct), resources[^1].Sid);
    }

    /// <summary>Rows of these current versions, as a plan.</summary>
    public async Task<CommitPlan> BuildAsync(IReadOnlyList<StoredResource> resources, IReadOnlySet<int>? only, CancellationToken ct)
    {
        var plan = new CommitPlan();
        var trees = resources.Select(StoredContext.Read).ToList();
        var (context, _) = await StoredContext.OfAsync(store, address, [.. resources.Zip(trees)], SystemPlans.Indexing, ct);
        foreach (var (resource, tree) in resources.Zip(trees))
        {
            var rows = indexer.Index(tree.Root, context, resource.Sid);
            plan.Fills.Add(new(resource.Sid, resource.Version, only is null ? rows : Of(rows, only)));
        }

        context.AddTo(plan);
        return plan;
    }

    private static IndexRows Of(IndexRows all, IReadOnlySet<int> only)
    {
        var rows = new IndexRows();
        rows.Owners.AddRange(all.Owners);
        rows.Tokens.AddRange(all.Tokens.Where(r => only.Contains(r.Param)));
        rows.References.AddRange(all.References.Where(r => only.Contains(r.Param)));
        rows.Dates.AddRange(all.Dates.Where(r => only.Contains(r.Param)));
        rows.Strings.AddRange(all.Strings.Where(r => only.Contains(r.Param)));
        rows.Numbers.AddRange(all.Numbers.Where(r => only.Contains(r.Param)));
        rows.Quantities.AddRange(all.Quantities.Where(r => only.Contains(r.Param)));
        rows.Uris.AddRange(all.Uris.Where(r => only.Contains(r.Param)));
        rows.Composites.AddRange(all.Composites.Where(r => only.Contains(r.Param)));
        rows.Words.AddRange(all.Words.Where(r => only.Contains(r.Param)));
        return rows;
    }
}
