using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage;

/// <summary>Reading within the rights of a caller who does not see everything: what is hidden answers as what is not there (security.md S-36).</summary>
/// <remarks>
/// A version is shown when its resource stands within reach now and the version itself satisfies the filter: what was moved to another patient or
/// labelled since is gone with its past, and what it was about before stays with whom it was about. Of a deleted resource the last content stands.
/// </remarks>
internal abstract partial class ResourceStore
{
    private const int LeastBatch = 100;

    private async ValueTask<StoredResource?> ReadWithinAsync(ResourceKey key, AccessPlan access, CancellationToken ct)
    {
        if (!access.Of(key.Type).Allows(Interaction.Read))
            return null;
        StoredResource found;
        await using (var session = await ReadAsync(manyStatements: false, ct))
        {
            if (await session.QueryAsync(PointSql.Current(Dialect, key, new AccessSql(Dialect, access, Interaction.Read)), Read, ct) is not [var current])
                return null;
            found = current;
        }

        if (found.IsDeleted || key.Type == AccessPlan.Binary)
        {
            await using var session = await ReadAsync(manyStatements: true, ct);
            if ((await Reach(session, access).OfAsync([found], Interaction.Read, ct)).Count == 0)
                return null;
        }

        return access.Shown(found, Interaction.Read);
    }

    private async ValueTask<StoredResource?> ReadVersionWithinAsync(ResourceKey key, int version, AccessPlan access, CancellationToken ct)
    {
        if (!access.Of(key.Type).Allows(Interaction.Vread))
            return null;
        await using var session = await ReadAsync(manyStatements: true, ct);
        var rows = await session.QueryAsync(PointSql.Version(Dialect, key, version), Read, ct);
        return await Reach(session, access).OfAsync(rows, Interaction.Vread, ct) is [var found] ? access.Shown(found, Interaction.Vread) : null;
    }

    /// <summary>The page is filled from as many stretches of the history as it takes. Of a whole type or store nothing is counted.</summary>
    private async Task<HistoryPage> HistoryWithinAsync(HistoryQuery query, AccessPlan access, CancellationToken ct)
    {
        if (query.Type is { } type && !access.Of(type).Allows(query.Under))
            return new([], null, null);

        // One resource is counted with its first page, which takes looking at all of it.
        var counts = query is { Id: not null, After: null };
        if (query.Count == 0 && !counts)
            return new([], null, null);

        var bound = query with { Access = access, Count = Math.Max(query.Count + 1, LeastBatch) };
        var (shown, total) = (new List<(StoredResource Version, HistoryPosition At)>(), 0L);
        for (var next = query.After; ;)
        {
            var (versions, after) = await StretchAsync(bound with { After = next }, ct);
            List<StoredResource> visible;
            await using (var session = await ReadAsync(manyStatements: true, ct))
                visible = await Reach(session, access).OfAsync(versions.ConvertAll(v => v.Version), query.Under, ct);
            var kept = visible.ToHashSet(ReferenceEqualityComparer.Instance);
            shown.AddRange(versions.Where(v => kept.Contains(v.Version)));
            total += visible.Count;
            if (after is null || (!counts && shown.Count > query.Count))
                break;
            next = after;
        }

        var page = shown.Take(query.Count).ToList();
        return new(
            page.ConvertAll(v => access.Shown(v.Version, query.Under)), counts ? total : null,
            shown.Count > page.Count && page.Count > 0 ? page[^1].At : null);
    }

    private async Task<(List<(StoredResource Version, HistoryPosition At)> Versions, HistoryPosition? Next)> StretchAsync(HistoryQuery query, CancellationToken ct)
    {
        if (query.IsFeed)
            return await FeedAsync(query, ct);
        var paged = query is { After: null, UpTo: { } upTo } ? query with { After = new(upTo.Instant + 1, long.MinValue, 0) } : query;
        await using var session = await ReadAsync(manyStatements: false, ct);
        var rows = (await session.QueryAsync(HistorySql.Page(Dialect, paged), Read, ct)).ConvertAll(v => (v, new HistoryPosition(v.LastUpdated.ToUnixTimeMilliseconds(), v.Sid, v.Version)));
        if (rows.Count <= query.Count)
            return (rows, null);
        rows.RemoveAt(query.Count);
        return (rows, rows[^1].Item2);
    }

    private async Task<CompartmentPage> CompartmentWithinAsync(CompartmentQuery query, AccessPlan access, CancellationToken ct)
    {
        // Without an anchor everybody's resources say what they refer to; elements that are withheld must not.
        if (query.Anchor is null && access.HasMasks)
            throw new AccessRefusedException("$everything of all patients is for those from whom no element is withheld: ask for one patient at a time.");
        if (query.Anchor is { } key && await ReadAsync(key, access, ct) is var anchor && anchor is not { IsDeleted: false })
            return new(anchor, [], [], null);

        await using var session = await ReadAsync(manyStatements: true, ct);
        var page = query.Anchor is null
            ? await new EveryCompartment(Dialect, Codec).RunAsync(session, query, ct)
            : await new CompartmentWalk(new CurrentCompartment(Dialect, Codec, session, query.Access)).RunAsync(query, ct);
        return page with
        {
            Anchor = page.Anchor is null ? null : access.Shown(page.Anchor, Interaction.Read),
            Members = [.. page.Members.Select(m => access.Shown(m, Interaction.Search))],
            Referred = [.. page.Referred.Select(r => access.Shown(r, Interaction.Search))],
        };
    }

    private async Task<IReadOnlyList<CurrentState>> LookUpWithinAsync(IReadOnlyList<ResourceKey> keys, bool withBodies, AccessPlan access, CancellationToken ct)
    {
        var states = await StatesAsync(keys, withBodies, ct);
        var reachable = await ReachableAsync([.. states.Where(s => s.Version > 0).Select(s => s.Sid)], Interaction.Read, access, ct);
        return
        [
            .. states.Zip(keys, (state, key) => !reachable.Contains(state.Sid) ? CurrentState.None
                : withBodies && state.Exists ? state with { Json = access.Shown(key.Type, state.Json, Interaction.Read) } : state),
        ];
    }

    public async Task<IReadOnlySet<long>> ReachableAsync(IReadOnlyList<long> sids, Interaction interaction, AccessPlan access, CancellationToken ct)
    {
        if (access.IsEverything || sids.Count == 0)
            return sids.ToHashSet();
        await using var session = await ReadAsync(manyStatements: true, ct);
        var current = await session.QueryAsync(ReachSql.Current(Dialect, sids), Read, ct);
        return (await Reach(session, access).OfAsync(current, interaction, ct)).Select(r => r.Sid).ToHashSet();
    }

    public async Task<IReadOnlyList<StoredResource>> ReachableAsync(
        IReadSession session, IReadOnlyList<StoredResource> versions, Interaction interaction, AccessPlan access, CancellationToken ct) =>
        access.IsEverything || versions.Count == 0 ? versions : await Reach(session, access).OfAsync(versions, interaction, ct);

    public async Task<IReadOnlyList<bool>> CoversAsync(
        IReadOnlyList<(VersionState State, Interaction Interaction)> states, AccessPlan access, CancellationToken ct)
    {
        if (access.IsEverything || states.Count == 0)
            return [.. states.Select(_ => true)];
        await using var session = await ReadAsync(manyStatements: true, ct);
        return await Reach(session, access).CoversAsync(states, ct);
    }

    private VersionReach Reach(IReadSession session, AccessPlan access) => new(Dialect, Codec, session, access, Rows);

    private static SearchPage Shown(SearchPage page, AccessPlan access) => !access.HasMasks ? page : page with
    {
        Matches = [.. page.Matches.Select(m => access.Shown(m, Interaction.Search))],
        Included = [.. page.Included.Select(m => access.Shown(m, Interaction.Search))],
    };

    /// <summary>What no caller's rights can bound is not for callers.</summary>
    private static void ForSystemOnly(AccessPlan access)
    {
        if (!access.IsEverything)
            throw new InvalidOperationException("Only the system reads this, under one of its own plans.");
    }
}
