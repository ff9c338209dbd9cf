using System.Collections.Concurrent;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>References named in a search → the targets the index holds.</summary>
internal sealed class ReferenceLookup(IResourceStore store) : IReferenceLookup
{
    private const int MostKnown = 50_000;

    private readonly ConcurrentDictionary<ResourceKey, long> known = new();
    private long generation;

    public async ValueTask<IReadOnlyList<long>> TargetsAsync(string? type, string idOrUrl, CancellationToken ct)
    {
        if (idOrUrl.Contains(':', StringComparison.Ordinal))
            return [ExternalTarget.Of(store.Symbols, idOrUrl)];
        if (type is not null && store.IsAlone && known.TryGetValue(new(type, idOrUrl), out var sid))
            return [sid];

        var asOf = Interlocked.Read(ref generation);

        // What the caller may not see is left out by the search itself, which carries the caller's plan. An id alone may name a resource of any type: one look-up asks for all.
        ResourceKey[] keys = type is null ? [.. ResourceTypes.All.Select(t => new ResourceKey(t, idOrUrl))] : [new(type, idOrUrl)];
        var states = await store.LookUpAsync(keys, withBodies: false, SystemPlans.References, ct);
        long[] sids = [.. states.Where(s => s.IsKnown).Select(s => s.Sid)];
        if (type is not null && sids is [var only] && store.IsAlone)
            Remember(keys[0], only, asOf);
        return sids;
    }

    /// <summary>A purge took surrogate keys away: none that was known before may be used again.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref generation);
        known.Clear();
    }

    private void Remember(ResourceKey key, long sid, long asOf)
    {
        if (asOf != Interlocked.Read(ref generation))
            return;
        if (known.Count >= MostKnown)
            known.Clear();
        known[key] = sid;
    }

    public async ValueTask<IReadOnlyList<long>?> ClosureAsync(SearchParam partOf, IReadOnlyList<long> sids, bool above, CancellationToken ct)
    {
        var known = sids.ToHashSet();
        for (var frontier = sids; frontier.Count > 0;)
        {
            SearchExpression next = above ? new SearchExpression.ReverseChain(partOf, new SearchExpression.Sids(frontier)) : new SearchExpression.Reference(partOf, frontier);
            var found = await store.SearchAsync(new SearchQuery(partOf.Type, next) { Count = IReferenceLookup.MaxClosure }, SystemPlans.References, ct);
            if (found.Next is not null)
                return null;
            frontier = [.. found.Matches.Select(m => m.Sid).Where(known.Add)];
            if (known.Count > IReferenceLookup.MaxClosure)
                return null;
        }

        return [.. known];
    }
}

/// <summary>Index form of addresses outside this server: a negative keyed hash, so that it never meets a surrogate key.</summary>
internal static class ExternalTarget
{
    public static long Of(ISymbols symbols, string url) => -(symbols.Hash(Encoding.UTF8.GetBytes(url)) & long.MaxValue) - 1;
}
