using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Operations.Evidence;

/// <summary>Which versions of some resources were the current ones when another version was committed.</summary>
/// <remarks>
/// <c>lastUpdated</c> is set before a commit, so it tells the order of two commits only when they lie further apart than a commit can last.
/// Nearer ones are told apart by the change feed, which has the order of commits; until the feed has settled that far there is no answer yet.
/// Within one millisecond both count as together: so they stand in history, and so a transaction writes them.
/// </remarks>
internal sealed class VersionAtCommit(IResourceStore store, WriteClock writes, TimeProvider clock)
{
    /// <summary>Longer than a request may take: a version older than this was committed before.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromMinutes(2);

    /// <returns>By key; one that did not exist then is absent.</returns>
    /// <exception cref="NotSettledException">An earlier transaction still runs.</exception>
    public async Task<IReadOnlyDictionary<ResourceKey, StoredResource>> FindAsync(
        StoredResource fixpoint, IReadOnlyCollection<ResourceKey> keys, AccessPlan access, CancellationToken ct)
    {
        var at = fixpoint.LastUpdated;
        if (at > clock.GetUtcNow() - Doubt)
            await writes.HorizonAsync(ct); // from here on nothing more gets this very millisecond
        var near = new Dictionary<ResourceKey, IReadOnlyList<StoredResource>>();
        foreach (var key in keys)
            if ((await store.HistoryAsync(new(key.Type, key.Id, 1000, at - Doubt, null, null), access, ct)).Versions is { Count: > 0 } versions
                && versions.Any(v => v.LastUpdated != at && v.LastUpdated <= at + Doubt))
                near[key] = versions;

        IReadOnlyList<CommitPosition> positions = [];
        if (near.Count > 0 || at > clock.GetUtcNow() - Doubt)
        {
            positions = await store.CommitPositionsAsync([fixpoint.Sid, .. near.Values.Select(v => v[0].Sid)], access, ct);
            if (positions.Any(p => p.Sid == fixpoint.Sid && p.Version == fixpoint.Version && !p.IsSettled))
                throw new NotSettledException();
        }

        var found = new Dictionary<ResourceKey, StoredResource>();
        foreach (var key in keys)
        {
            var then = near.TryGetValue(key, out var versions)
                ? await ByOrderAsync(fixpoint, key, versions, positions, access, ct)
                : (await store.HistoryAsync(new(key.Type, key.Id, 1, null, at, null), access, ct)).Versions is [var one, ..] ? one : null;
            if (then is { IsDeleted: false })
                found[key] = then;
        }

        return found;
    }

    private async Task<StoredResource?> ByOrderAsync(
        StoredResource fixpoint, ResourceKey key, IReadOnlyList<StoredResource> near, IReadOnlyList<CommitPosition> positions, AccessPlan access, CancellationToken ct)
    {
        var limit = positions.First(p => p.Sid == fixpoint.Sid && p.Version == fixpoint.Version).Sequence;
        var version = positions
            .Where(p => p.Sid == near[0].Sid && (p.Sequence < limit || near.Any(v => v.Version == p.Version && v.LastUpdated == fixpoint.LastUpdated)))
            .Select(p => p.Version).DefaultIfEmpty(0).Max();
        return version == 0 ? null : await store.ReadVersionAsync(key, version, access, ct);
    }
}

/// <summary>A transaction that began earlier has not ended: asking again in a moment gives the answer.</summary>
internal sealed class NotSettledException() : Exception("The change feed has not settled that far.");
