using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>What matches include at an instant: what has not changed since as it is now, the rest as it was.</summary>
/// <param name="unchanged">The current versions that were current then.</param>
internal sealed class PastIncludes(CurrentRecord unchanged, PastChanges changes, ResourceIndexer indexer, SearchParameters parameters, AccessPlan access) : IRecordState
{
    public async ValueTask<List<(long Sid, string Type)>> ByIdAsync(string type, IEnumerable<string> ids, CancellationToken ct)
    {
        string[] named = [.. ids];
        var found = await unchanged.ByIdAsync(type, named, ct);
        found.AddRange((await changes.NamedAsync(type, named, ct)).Select(r => (r.Sid, type)));
        return found;
    }

    public async ValueTask<List<(long Sid, string Type)>> ReferringAsync(Include include, IReadOnlyList<long> targets, int limit, CancellationToken ct)
    {
        var found = await unchanged.ReferringAsync(include, targets, limit, ct);
        var wanted = targets.ToHashSet();
        foreach (var source in await changes.OfAsync(include.SourceType == Include.AnyType ? [] : [include.SourceType], ct))
        {
            var type = source.Resource.Key.Type;
            var others = indexer.PlanFor(type).References.Number; // of no parameter
            var open = include.Param is null && access.Withheld(type, Interaction.Search).Count > 0 ? OpenReferences(type) : null;
            if (source.Rows.References.Exists(r => wanted.Contains(r.Target) && (include.Param is { } param ? r.Param == param.Number : r.Param != others && open?.Contains(r.Param) != false)))
                found.Add((source.Sid, type));
        }

        found.Sort((a, b) => a.Sid.CompareTo(b.Sid));
        return found.Count > limit ? found.GetRange(0, limit) : found;
    }

    public async ValueTask<List<long>> ByUrlAsync(SearchParam url, IReadOnlyList<string> urls, CancellationToken ct)
    {
        var found = await unchanged.ByUrlAsync(url, urls, ct);
        found.AddRange((await changes.OfAsync([url.Type], ct)).Where(r => r.Rows.Uris.Exists(u => u.Param == url.Number && urls.Contains(u.Value))).Select(r => r.Sid));
        return found;
    }

    public async ValueTask<Fitting> BySidAsync(IEnumerable<long> sids, PageBudget budget, CancellationToken ct)
    {
        long[] wanted = [.. sids];
        return PageBudget.Merge(await unchanged.BySidAsync(wanted, budget, ct), await changes.BySidAsync(wanted, ct), int.MaxValue);
    }

    /// <summary>Of a type with withheld elements a wildcard follows only what reads none of them, as <see cref="AccessSql.FollowsOnly"/> has it.</summary>
    private HashSet<int> OpenReferences(string type) =>
        [.. WithheldParameters.OpenReferences(type, access).Select(code => parameters.Find(type, code)).OfType<SearchParam>().Select(p => p.Number)];
}
