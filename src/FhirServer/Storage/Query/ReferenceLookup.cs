using System.Collections.Concurrent;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>References named in a search → the targets the index holds.</summary>
internal sealed class ReferenceLookup(IResourceStore store) : IReferenceLookup
{
    private const int MostKnown = 50_000;

    private readonly ConcurrentDictionary<ResourceKey, long> known = new();

    public async ValueTask<IReadOnlyList<long>> TargetsAsync(string? type, string idOrUrl, CancellationToken ct)
    {
        if (idOrUrl.Contains(':', StringComparison.Ordinal))
            return [ExternalTarget.Of(store.Symbols, idOrUrl)];
        if (type is not null && store.IsAlone && known.TryGetValue(new(type, idOrUrl), out var sid))
            return [sid];

        // What the caller may not see is left out by the search itself, which carries the caller's plan. An id alone may name a resource of any type: one look-up asks for all.
        ResourceKey[] keys = type is null ? [.. ResourceTypes.All.Select(t => new ResourceKey(t, idOrUrl))] : [new(type, idOrUrl)];
        var states = await store.LookUpAsync(keys, withBodies: false, AccessPlan.Everything, ct);
        long[] sids = [.. states.Where(s => s.IsKnown).Select(s => s.Sid)];
        if (type is not null && sids is [var only] && store.IsAlone)
            Remember(keys[0], only);
        return sids;
    }

    /// <summary>A purge took surrogate keys away: none that was known before may be used again.</summary>
    public void Forget() => known.Clear();

    private void Remember(ResourceKey key, long sid)
    {
        if (known.Count >= MostKnown)
            known.Clear();
        known[key] = sid;
    }
}

/// <summary>Index form of addresses outside this server: a negative keyed hash, so that it never meets a surrogate key.</summary>
internal static class ExternalTarget
{
    public static long Of(ISymbols symbols, string url) => -(symbols.Hash(Encoding.UTF8.GetBytes(url)) & long.MaxValue) - 1;
}
