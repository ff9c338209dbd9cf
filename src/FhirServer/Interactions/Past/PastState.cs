using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>The resources of an instant, loaded a type at a time as a search asks for them.</summary>
internal sealed class PastState(IResourceStore store, ResourceIndexer indexer, LocalAddress address, DateTimeOffset instant, AccessPlan access)
{
    private const int Chunk = 1000;
    private readonly Dictionary<string, IReadOnlyList<PastResource>> types = new(StringComparer.Ordinal);

    /// <summary>Matches in order of creation.</summary>
    public async Task<List<StoredResource>> MatchesAsync(string type, SearchExpression where, CancellationToken ct)
    {
        var resolved = await ResolveAsync(where, ct);
        return [.. (await OfTypeAsync(type, ct)).Where(r => r.Matches(resolved)).Select(r => r.Resource).OrderBy(r => r.Sid)];
    }

    /// <summary>Chains become what they stand for at the instant: the keys of their other ends.</summary>
    private async Task<SearchExpression> ResolveAsync(SearchExpression where, CancellationToken ct)
    {
        switch (where)
        {
            case SearchExpression.And and:
                return new SearchExpression.And(await ResolveAsync(and.Terms, ct));
            case SearchExpression.Or or:
                return new SearchExpression.Or(await ResolveAsync(or.Terms, ct));
            case SearchExpression.Not not:
                return new SearchExpression.Not(await ResolveAsync(not.Term, ct));
            case SearchExpression.Chain chain:
                return new SearchExpression.Reference(chain.Param, [.. (await MatchesAsync(chain.TargetType, chain.Target, ct)).Select(m => m.Sid)]);
            case SearchExpression.ReverseChain reverse:
                var source = await ResolveAsync(reverse.Source, ct);
                return new SearchExpression.Sids([.. (await OfTypeAsync(reverse.Param.Type, ct)).Where(r => r.Matches(source))
                    .SelectMany(r => r.Rows.References).Where(r => r.Param == reverse.Param.Number).Select(r => r.Target).Distinct()]);
            default:
                return where;
        }
    }

    private async Task<List<SearchExpression>> ResolveAsync(IReadOnlyList<SearchExpression> terms, CancellationToken ct)
    {
        var resolved = new List<SearchExpression>(terms.Count);
        foreach (var term in terms)
            resolved.Add(await ResolveAsync(term, ct));
        return resolved;
    }

    private async Task<IReadOnlyList<PastResource>> OfTypeAsync(string type, CancellationToken ct)
    {
        if (types.TryGetValue(type, out var known))
            return known;

        var all = new List<PastResource>();
        HistoryPosition? after = null;
        do
        {
            var page = await store.HistoryAsync(new(type, null, Chunk, null, instant, after) { Under = Interaction.Search }, access, ct);
            all.AddRange(await ExtractAsync([.. page.Versions.Where(v => !v.IsDeleted)], ct));
            if (all.Count > PastSearch.MostResources)
                throw new PastTooLargeException(type);
            after = page.Next;
        }
        while (after is not null);

        return types[type] = all;
    }

    private async Task<List<PastResource>> ExtractAsync(IReadOnlyList<StoredResource> versions, CancellationToken ct)
    {
        var trees = versions.Select(StoredContext.Read).ToList();
        var (context, _) = await StoredContext.OfAsync(store, address, [.. versions.Zip(trees)], SystemPlans.Versions, ct);
        return [.. versions.Zip(trees).Select(v => new PastResource(v.First, v.Second, indexer.Index(v.Second.Root, context, v.First.Sid), store.Symbols))];
    }
}
