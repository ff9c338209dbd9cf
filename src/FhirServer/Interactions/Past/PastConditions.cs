using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>A search of the past in two halves: what the index answers for resources that have not changed since, and memory for those that have.</summary>
/// <remarks>
/// What did not change has the rows of then in the index of now, so both halves together are exact. A chain crosses between them: its other end
/// is looked for in both, whichever half it starts from. What the caller's plan says is asked of what stands now; of changes, also of the version of then.
/// </remarks>
internal sealed class PastConditions(IResourceStore store, IReadSession session, PastChanges changes, AccessPlan access, int maxScanned)
{
    private const int Chunk = 1000;

    private readonly Dictionary<SearchExpression, List<PastResource>> matching = new(ReferenceEqualityComparer.Instance);

    /// <summary>The condition on what is current now and was then already, of these types, and that the caller may see.</summary>
    public async ValueTask<SearchExpression> UnchangedAsync(IReadOnlyList<string> types, SearchExpression where, CancellationToken ct)
    {
        var (stable, unchanged) = (await StableAsync(where, ct), new SearchExpression.UnchangedSince(changes.Instant));
        return new SearchExpression.And(TypeFilters.Of(types is [] ? ResourceTypes.All : types, Interaction.Search, access) is { } filter ? [stable, filter, unchanged] : [stable, unchanged]);
    }

    /// <summary>What changed since and matched then.</summary>
    public async ValueTask<List<PastResource>> ChangedAsync(IReadOnlyList<string> types, SearchExpression where, CancellationToken ct)
    {
        if (matching.TryGetValue(where, out var known))
            return known;
        var all = types is [var type] && ConditionSql.Terms(where).OfType<SearchExpression.Ids>().FirstOrDefault() is { } ids
            ? await changes.NamedAsync(type, ids.Values, ct)
            : await changes.OfAsync(types, ct);
        if (all.Count == 0)
            return matching[where] = [];

        return matching[where] = await AmongAsync(all, where, ct);
    }

    /// <summary>Those of some versions of then that matched.</summary>
    public async ValueTask<List<PastResource>> AmongAsync(IReadOnlyList<PastResource> all, SearchExpression where, CancellationToken ct)
    {
        var condition = await InMemoryAsync(where, all, ct);
        return [.. all.Where(r => r.Matches(condition))];
    }

    /// <summary>The condition with chains to what was at their other ends.</summary>
    public async ValueTask<SearchExpression> StableAsync(SearchExpression term, CancellationToken ct)
    {
        switch (term)
        {
            case SearchExpression.And and:
                return new SearchExpression.And(await EachAsync(and.Terms, t => StableAsync(t, ct)));
            case SearchExpression.Or or:
                return new SearchExpression.Or(await EachAsync(or.Terms, t => StableAsync(t, ct)));
            case SearchExpression.Not not:
                return new SearchExpression.Not(await StableAsync(not.Term, ct));
            case SearchExpression.Chain chain:
                var ends = await ChangedAsync([chain.TargetType], chain.Target, ct);
                var stable = chain with { Target = await UnchangedAsync([chain.TargetType], chain.Target, ct) };
                return ends.Count == 0 ? stable : new SearchExpression.Or([stable, new SearchExpression.Reference(chain.Param, [.. ends.Select(e => e.Sid)])]);
            case SearchExpression.ReverseChain reverse:
                var targets = Targets(await ChangedAsync([reverse.Param.Type], reverse.Source, ct), reverse.Param);
                var from = reverse with { Source = await UnchangedAsync([reverse.Param.Type], reverse.Source, ct) };
                return targets.Length == 0 ? from : new SearchExpression.Or([from, new SearchExpression.Sids(targets)]);
            default:
                return term;
        }
    }

    /// <summary>Chains become what they stand for at the instant: the keys of their other ends.</summary>
    /// <param name="all">The resources it will be asked of.</param>
    private async ValueTask<SearchExpression> InMemoryAsync(SearchExpression term, IReadOnlyList<PastResource> all, CancellationToken ct)
    {
        switch (term)
        {
            case SearchExpression.And and:
                return new SearchExpression.And(await EachAsync(and.Terms, t => InMemoryAsync(t, all, ct)));
            case SearchExpression.Or or:
                return new SearchExpression.Or(await EachAsync(or.Terms, t => InMemoryAsync(t, all, ct)));
            case SearchExpression.Not not:
                return new SearchExpression.Not(await InMemoryAsync(not.Term, all, ct));
            case SearchExpression.Chain chain:
                var ends = (await ChangedAsync([chain.TargetType], chain.Target, ct)).Select(e => e.Sid).ToHashSet();
                foreach (var some in Targets(all, chain.Param).Where(t => t > 0 && !ends.Contains(t)).Chunk(Chunk))
                {
                    var query = new SearchQuery(chain.TargetType, new SearchExpression.And([new SearchExpression.Sids(some), await UnchangedAsync([chain.TargetType], chain.Target, ct)]))
                    {
                        Count = some.Length,
                        MaxScanned = maxScanned,
                    };
                    ends.UnionWith((await store.MatchesAsync(session, query, access, ct)).Page.Rows.Select(r => r.Resource.Sid));
                }

                return new SearchExpression.Reference(chain.Param, [.. ends]);
            case SearchExpression.ReverseChain reverse:
                var referred = Targets(await ChangedAsync([reverse.Param.Type], reverse.Source, ct), reverse.Param).ToHashSet();
                var source = reverse with { Source = await UnchangedAsync([reverse.Param.Type], reverse.Source, ct) };
                foreach (var some in all.Select(r => r.Sid).Where(s => !referred.Contains(s)).Chunk(Chunk))
                    referred.UnionWith(await store.ReferredAsync(session, source, some, maxScanned, access, ct));
                return new SearchExpression.Sids([.. referred]);
            default:
                return term;
        }
    }

    private static long[] Targets(IReadOnlyList<PastResource> sources, SearchParam param) =>
        [.. sources.SelectMany(s => s.Rows.References).Where(r => r.Param == param.Number).Select(r => r.Target).Distinct()];

    private static async ValueTask<SearchExpression[]> EachAsync(IReadOnlyList<SearchExpression> terms, Func<SearchExpression, ValueTask<SearchExpression>> turn)
    {
        var turned = new SearchExpression[terms.Count];
        for (var i = 0; i < turned.Length; i++)
            turned[i] = await turn(terms[i]);
        return turned;
    }
}
