using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Makes what a transaction is about to write searchable in memory, for conditions that may mean it.</summary>
internal sealed class PendingResources(IResourceStore store, ResourceIndexer indexer, LocalAddress address)
{
    public PendingRows Of(IReadOnlyList<WriteIntent> intents, Links links) => new(store, indexer, address, intents, links);
}

/// <summary>Index rows of the resources of one transaction, made once per type and only when a condition asks for it.</summary>
internal sealed class PendingRows(
    IResourceStore store, ResourceIndexer indexer, LocalAddress address, IReadOnlyList<WriteIntent> intents, Links links)
{
    private readonly Dictionary<string, List<(WriteIntent Intent, IndexRows Rows)>> byType = new(StringComparer.Ordinal);

    /// <summary>The intents of that type that the expression finds; it must be one that rows alone can answer.</summary>
    public async ValueTask<IReadOnlyList<WriteIntent>> MatchingAsync(string type, SearchExpression where, CancellationToken ct)
    {
        if (!byType.TryGetValue(type, out var rows))
            rows = byType[type] = await IndexAsync(type, ct);
        return [.. rows.Where(r => RowMatcher.Matches(where, r.Rows, r.Intent.Key.Id)).Select(r => r.Intent)];
    }

    private async Task<List<(WriteIntent Intent, IndexRows Rows)>> IndexAsync(string type, CancellationToken ct)
    {
        var ofType = intents.Where(i => !i.IsDelete && i.Key.Type == type).ToList();
        var context = new IndexContext(store.Symbols, address) { Links = links };
        var keys = new HashSet<ResourceKey>();
        var uses = new List<ReferenceUse>();
        foreach (var intent in ofType)
            links.Rewrite(intent.Body, uses);
        foreach (var use in uses)
            if (address.TryGetKey(use.Reference, out var key))
                keys.Add(key);

        // References are compared by surrogate key: those of resources that are there already must be known.
        ResourceKey[] asked = [.. keys];
        var states = await store.LookUpAsync(asked, withBodies: false, SystemPlans.References, ct);
        for (var i = 0; i < asked.Length; i++)
            if (states[i].IsKnown)
                context.Know(asked[i], states[i].Sid);
        return ofType.ConvertAll(i => (i, indexer.Index(i.Body, context, 0)));
    }
}
