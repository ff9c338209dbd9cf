using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Scan;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>What changed after an instant, as it was then: versions out of the history, extracted again, a type at a time as a request asks for it.</summary>
/// <remarks>
/// Only what the caller may see of them: whatever is made of changes (matches, ends of chains, what refers, includes, compartments) is then of nothing else.
/// </remarks>
/// <param name="instant">Milliseconds since 1970 UTC.</param>
/// <param name="most">Versions that may be read for the request; beyond it, it is too costly.</param>
internal sealed class PastChanges(IResourceStore store, IReadSession session, ResourceIndexer indexer, LocalAddress address, BodyCodec codec, AccessPlan access, long instant, int most)
{
    private const int Chunk = 500;

    private readonly Dictionary<string, List<PastResource>> types = new(StringComparer.Ordinal);
    private int read;

    public long Instant => instant;

    public PastContext Context { get; } = new(store.Symbols, address);

    /// <summary>Of these types; none named: of all.</summary>
    public async ValueTask<IReadOnlyList<PastResource>> OfAsync(IReadOnlyList<string> wanted, CancellationToken ct)
    {
        var all = wanted is [] ? ResourceTypes.All : wanted;
        string[] unread = [.. all.Where(t => !types.ContainsKey(t))];
        if (unread.Length > 0)
        {
            var found = await ReadAsync(unread, null, ct);
            foreach (var type in unread)
                types[type] = [];
            foreach (var resource in found)
                types[resource.Resource.Key.Type].Add(resource);
        }

        return all is [var only] ? types[only] : [.. all.SelectMany(t => types[t])];
    }

    /// <summary>Those of a type with one of these ids, without reading the others.</summary>
    public async ValueTask<IReadOnlyList<PastResource>> NamedAsync(string type, IReadOnlyList<string> ids, CancellationToken ct)
    {
        if (!types.TryGetValue(type, out var known))
            return await ReadAsync([type], ids, ct);
        var named = ids.ToHashSet(StringComparer.Ordinal);
        return known.FindAll(r => named.Contains(r.Resource.Key.Id));
    }

    /// <summary>Those among these keys, in their order.</summary>
    public async ValueTask<List<StoredResource>> BySidAsync(IEnumerable<long> sids, CancellationToken ct) =>
        await session.QueryAsync(PastSql.Versions(store.Dialect, sids, instant), r => ResourceRow.Read(r, codec), ct);

    /// <summary>One version, extracted.</summary>
    public async ValueTask<PastResource> ExtractAsync(StoredResource version, CancellationToken ct) => (await ExtractAsync([version], ct))[0];

    /// <summary>Versions, extracted, in their order.</summary>
    public async Task<List<PastResource>> ExtractAsync(IReadOnlyList<StoredResource> versions, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var trees = versions.Select(StoredContext.Read).ToList();
        var keys = new HashSet<ResourceKey>();
        foreach (var (version, tree) in versions.Zip(trees))
        {
            Context.Know(version.Key, version.Sid);
            var uses = new List<ReferenceUse>();
            Links.None.Rewrite(tree.Root, uses);
            foreach (var use in uses)
                if (address.TryGetKey(use.Reference, out var key) && !Context.IsKnown(key))
                    keys.Add(key);
        }

        // In the request's own snapshot: a second session while this one is held could wait for itself.
        foreach (var type in keys.GroupBy(k => k.Type))
            foreach (var some in type.Chunk(Chunk))
                foreach (var (sid, id) in await session.QueryAsync(PastSql.Keys(store.Dialect, type.Key, some.Select(k => k.Id)), r => (r.Int64(0), r.Text(1)), ct))
                    Context.Know(new(type.Key, id), sid);
        return [.. versions.Zip(trees, (version, tree) => new PastResource(version, indexer.Index(tree.Root, Context, version.Sid), Context))];
    }

    private async Task<List<PastResource>> ReadAsync(string[] wanted, IReadOnlyList<string>? ids, CancellationToken ct)
    {
        var sids = await session.QueryAsync(PastSql.Changed(store.Dialect, wanted, ids, instant, most - read + 1L), r => r.Int64(0), ct);
        read += sids.Count;
        if (read > most)
            throw new SearchTooCostlyException($"More than {most} resources ({(wanted.Length > 3 ? $"{wanted.Length} types" : string.Join(", ", wanted))} and what the search goes through) "
                + "changed since the instant of _asOf, and each would have to be read as it was. Ask for a later instant, name the resources by _id, or use the history of one resource.");

        var found = new List<PastResource>(sids.Count);
        foreach (var some in sids.Chunk(Chunk))
            found.AddRange(await ExtractAsync(await store.ReachableAsync(session, await BySidAsync(some, ct), Interaction.Search, access, ct), ct));
        return found;
    }
}
