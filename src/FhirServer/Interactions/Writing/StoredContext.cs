using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>The context in which stored resources are extracted again, as the writes that stored them did: everything they refer to is looked up, at once.</summary>
internal static class StoredContext
{
    /// <param name="stored">Versions with what their bodies read as; null for those that have no readable body.</param>
    /// <returns>The context, and the keys that are not known here, each with a resource that refers to it.</returns>
    public static Task<(IndexContext Context, IReadOnlyList<(ResourceKey Key, StoredResource Referrer)> Unknown)> OfAsync(
        IResourceStore store, LocalAddress address, IReadOnlyList<(StoredResource Resource, ResourceTree? Tree)> stored, AccessPlan access, CancellationToken ct)
    {
        return OfAsync(store.Symbols, address, stored, KnownAsync, ct);

        async Task<IReadOnlyDictionary<ResourceKey, long>> KnownAsync(IReadOnlyList<ResourceKey> keys, CancellationToken c) =>
            keys.Zip(await store.LookUpAsync(keys, withBodies: false, access, c)).Where(k => k.Second.IsKnown).ToDictionary(k => k.First, k => k.Second.Sid);
    }

    /// <summary>The same where a snapshot is open already, in which what they refer to is asked for.</summary>
    public static async Task<(IndexContext Context, IReadOnlyList<(ResourceKey Key, StoredResource Referrer)> Unknown)> OfAsync(
        ISymbols symbols, LocalAddress address, IReadOnlyList<(StoredResource Resource, ResourceTree? Tree)> stored, KnownKeys known, CancellationToken ct)
    {
        var context = new IndexContext(symbols, address);
        var referrers = new Dictionary<ResourceKey, StoredResource>();
        foreach (var (resource, tree) in stored)
        {
            context.Know(resource.Key, resource.Sid);
            if (tree is null)
                continue;
            var uses = new List<ReferenceUse>();
            Links.None.Rewrite(tree.Root, uses);
            foreach (var use in uses)
                if (address.TryGetKey(use.Reference, out var key))
                    referrers.TryAdd(key, resource);
        }

        var sids = await known([.. referrers.Keys], ct);
        var unknown = new List<(ResourceKey, StoredResource)>();
        foreach (var (key, referrer) in referrers)
            if (sids.TryGetValue(key, out var sid))
                context.Know(key, sid);
            else
                unknown.Add((key, referrer));
        return (context, unknown);
    }

    /// <summary>A stored body must read; one that does not is damage.</summary>
    public static ResourceTree Read(StoredResource resource) => FhirJsonReader.Read(resource.Json, out _)
        ?? throw new InvalidDataException($"Version {resource.Version} of {resource.Key} cannot be read; run the doctor.");
}
