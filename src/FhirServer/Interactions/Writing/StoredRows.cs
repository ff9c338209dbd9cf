using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>The index rows that older versions had: a plan's filter is asked of them before one is shown.</summary>
internal sealed class StoredRows(IResourceStore store, ResourceIndexer indexer, LocalAddress address)
{
    public async Task<IReadOnlyList<IndexRows>> OfAsync(IReadOnlyList<StoredResource> versions, KnownKeys known, CancellationToken ct)
    {
        var trees = versions.Select(StoredContext.Read).ToList();
        var (context, _) = await StoredContext.OfAsync(store.Symbols, address, [.. versions.Zip(trees)], known, ct);
        return [.. versions.Zip(trees, (version, tree) => indexer.Index(tree.Root, context, version.Sid))];
    }
}
