using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage;

/// <summary>Following what is committed.</summary>
internal abstract partial class ResourceStore
{
    /// <summary>Versions that a caller may not see and that one page passes over: who may see little is not kept waiting for the whole store.</summary>
    private const int MostPassedOver = 5000;

    public async Task<FeedPosition> FeedHeadAsync(AccessPlan access, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(PointSql.Head(Dialect, ChangeFeed), r => new FeedPosition(r.Int64(0), r.Int64(1), (int)r.Int64(2)), ct) is [var head] ? head : FeedPosition.Start;
    }

    public async Task<FeedPage?> FollowAsync(FeedPosition after, int count, long maxBytes, AccessPlan access, CancellationToken ct)
    {
        if (after != FeedPosition.Start && !await IsThereAsync(after, ct))
            return null;

        var (shown, end, bytes, passed) = (new List<StoredResource>(), after, 0L, 0);
        while (shown.Count < count && bytes < maxBytes && passed < MostPassedOver)
        {
            var most = access.IsEverything ? count - shown.Count : Math.Max(count - shown.Count, LeastBatch);
            List<(StoredResource Version, long At)> rows;
            int found;
            await using (var session = await ReadAsync(manyStatements: false, ct)) // one statement: what may still come before is asked of the same moment
                (rows, found) = await new PageBudget(maxBytes - bytes).QueryAsync(
                    session, HistorySql.Follow(Dialect, ChangeFeed, end.Sequence, most), r => (Version: Read(r), At: r.Int64(ResourceRow.Count)), r => r.Version, ct);
            var visible = await VisibleAsync(rows.ConvertAll(r => r.Version), access, ct);
            foreach (var (version, at) in rows)
            {
                if (visible.Contains(version))
                {
                    if (shown.Count == count)
                        return new(shown, end);
                    shown.Add(access.Shown(version, Interaction.History));
                    bytes += version.Json.Length;
                }
                else
                {
                    passed++;
                }

                end = new(at, version.Sid, version.Version);
            }

            if (found < most)
                break; // those are all there are
        }

        return new(shown, end);
    }

    /// <summary>Changes are never removed, a purge leaves them: one that is not there was lost when the store was put back.</summary>
    private async Task<bool> IsThereAsync(FeedPosition position, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(HistorySql.VersionAt(Dialect, ChangeFeed, position.Sequence), r => (r.Int64(0), (int)r.Int64(1)), ct) is [var there]
            && there == (position.Sid, position.Version);
    }

    private async Task<IReadOnlySet<StoredResource>> VisibleAsync(List<StoredResource> versions, AccessPlan access, CancellationToken ct)
    {
        if (!access.IsEverything && versions.Count > 0)
        {
            await using var session = await ReadAsync(manyStatements: true, ct);
            versions = await Reach(session, access).OfAsync(versions, Interaction.History, ct);
        }

        return versions.ToHashSet<StoredResource>(ReferenceEqualityComparer.Instance);
    }
}
