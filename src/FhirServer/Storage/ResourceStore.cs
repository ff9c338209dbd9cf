using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Scan;

namespace FhirEmr.FhirServer.Storage;

/// <summary>Reading, the same on every engine: each call composes its statements and runs them in one snapshot.</summary>
internal abstract partial class ResourceStore(SqlDialect dialect, Func<IReferencedTargets>? references) : IResourceStore
{
    /// <summary>Matches that may appear within a page between its first link and its last.</summary>
    private const int WrittenMeanwhile = 1000;

    private readonly PagePlanner planner = new(dialect);

    public abstract ISymbols Symbols { get; }

    public virtual bool IsAlone => false;

    public virtual CancellationToken Failed => CancellationToken.None; // a database server decides for itself when it must stop

    public SqlDialect Dialect { get; } = dialect;

    protected BodyCodec Codec { get; } = BodyCodec.Shipped;

    /// <summary>How older versions are extracted again; without it callers whose rights are a condition get no answer.</summary>
    public VersionRows? Rows { get; init; }

    public abstract Task StartAsync(CancellationToken ct);

    public virtual async ValueTask<StoredResource?> ReadAsync(ResourceKey key, AccessPlan access, CancellationToken ct)
    {
        if (!access.SeesAll(key.Type, Interaction.Read))
            return await ReadWithinAsync(key, access, ct);
        await using var session = await ReadAsync(manyStatements: false, ct);
        var rows = await session.QueryAsync(PointSql.Current(Dialect, key), Read, ct);
        return rows is [var found] ? found : null;
    }

    public async ValueTask<StoredResource?> ReadVersionAsync(ResourceKey key, int version, AccessPlan access, CancellationToken ct)
    {
        if (!access.SeesAll(key.Type, Interaction.Vread))
            return await ReadVersionWithinAsync(key, version, access, ct);
        await using var session = await ReadAsync(manyStatements: false, ct);
        var rows = await session.QueryAsync(PointSql.Version(Dialect, key, version), Read, ct);
        return rows is [var found] ? found : null;
    }

    public Task<HistoryPage> HistoryAsync(HistoryQuery query, AccessPlan access, CancellationToken ct) =>
        (query.Type is { } type ? access.SeesAll(type, query.Under) : access.IsEverything) ? HistoryAsync(query, ct) : HistoryWithinAsync(query, access, ct);

    private async Task<HistoryPage> HistoryAsync(HistoryQuery query, CancellationToken ct)
    {
        if (query.IsFeed)
        {
            var (feed, after) = await FeedAsync(query, ct);
            return new(feed.ConvertAll(v => v.Version), null, after);
        }

        // A resource and a type are counted once, with the first page; counting everything would read everything.
        var counts = query is { Type: not null, After: null };
        var paged = query is { After: null, UpTo: { } upTo } ? query with { After = new(upTo.Instant + 1, long.MinValue, 0) } : query;
        await using var session = await ReadAsync(manyStatements: counts, ct);
        var (rows, found) = query.Count == 0 ? ([], 0) : await new PageBudget(query.MaxBytes).QueryAsync(session, HistorySql.Page(Dialect, paged), Read, r => r, ct);
        long? total = counts ? (await session.QueryAsync(HistorySql.Total(Dialect, query), r => r.Int64(0), ct))[0] : null;
        if (found <= query.Count && found == rows.Count)
            return new(rows, total, null);

        if (rows.Count > query.Count)
            rows.RemoveAt(query.Count);
        var last = rows[^1];
        return new(rows, total, new(last.LastUpdated.ToUnixTimeMilliseconds(), last.Sid, last.Version));
    }

    private async Task<(List<(StoredResource Version, HistoryPosition At)> Versions, HistoryPosition? Next)> FeedAsync(HistoryQuery query, CancellationToken ct)
    {
        if (query.Count == 0)
            return ([], null);

        await using var session = await ReadAsync(manyStatements: query.Since is not null, ct);
        var from = query.Since is { } since ? await FeedSearch.FindAsync(session, Dialect, ChangeFeed, since.ToUnixTimeMilliseconds(), ct) : 0;
        var (rows, found) = await new PageBudget(query.MaxBytes).QueryAsync(
            session, HistorySql.Feed(Dialect, ChangeFeed, query, from), r => (Version: Read(r), At: new HistoryPosition(0, 0, 0) { Sequence = r.Int64(ResourceRow.Count), Horizon = query.Horizon }), r => r.Version, ct);
        if (rows.Count > query.Count)
            rows.RemoveAt(query.Count);
        return (rows, found > rows.Count ? rows[^1].At : null);
    }

    public async Task<SearchPage> SearchAsync(SearchQuery query, AccessPlan access, CancellationToken ct) =>
        Shown(await FindAsync(QueryBounds.Apply(query, access), access, ct), access);

    private async Task<SearchPage> FindAsync(SearchQuery query, AccessPlan access, CancellationToken ct)
    {
        // The rest of what a page includes: its matches are read again, by where they stand and not by their number.
        if (query.Rest is not null)
            query = query with { Count = query.Count + WrittenMeanwhile, Total = TotalMode.None };

        var counts = query.Total != TotalMode.None && query.Count > 0;
        await using var session = await ReadAsync(manyStatements: BodyTerms.In(query.Where) || counts || query.Includes.Count > 0, ct);
        var (page, total) = await MatchesAsync(session, query, access, ct);
        return await new IncludeWalk(new CurrentRecord(Dialect, Codec, session, access), references?.Invoke(), Symbols, access).PageAsync(query, page, total, ct);
    }

    public async Task<(PageRows Page, long? Total)> MatchesAsync(IReadSession session, SearchQuery query, AccessPlan access, CancellationToken ct)
    {
        var counts = query.Total != TotalMode.None || query.Count == 0;
        var scan = BodyTerms.In(query.Where) ? new BodyScan(Dialect, Codec, session, query.Type, query.MaxScanned) : null;
        if (scan is not null)
        {
            query = query with { Where = await scan.ResolveAsync(query.Where, ct) };
            if (!BodyTerms.In(query.Where))
                scan = null; // all bodies stood at the end of chains
        }

        return scan is null ? await IndexedAsync(session, query, counts, ct) : await ScannedAsync(scan, query, counts, ct);
    }

    public async Task<IReadOnlyList<long>> ReferredAsync(
        IReadSession session, SearchExpression.ReverseChain reverse, IReadOnlyList<long> among, int maxScanned, AccessPlan access, CancellationToken ct)
    {
        var scan = new BodyScan(Dialect, Codec, session, reverse.Param.Type, maxScanned);
        var resolved = (SearchExpression.ReverseChain)await scan.ResolveAsync(reverse, ct);
        return await session.QueryAsync(SearchSql.Referred(Dialect, resolved, among), r => r.Int64(0), ct);
    }

    public async Task<CompartmentPage> CompartmentAsync(CompartmentQuery query, AccessPlan access, CancellationToken ct)
    {
        if (!access.IsEverything)
            return await CompartmentWithinAsync(query with { Access = access }, access, ct);
        await using var session = await ReadAsync(manyStatements: true, ct);
        return query.Anchor is null
            ? await new EveryCompartment(Dialect, Codec).RunAsync(session, query, ct)
            : await new CompartmentWalk(new CurrentCompartment(Dialect, Codec, session)).RunAsync(query, ct);
    }

    public async Task<IReadOnlyList<CommitPosition>> CommitPositionsAsync(IReadOnlyList<long> sids, AccessPlan access, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(PointSql.Positions(Dialect, ChangeFeed, sids),
            r => new CommitPosition(r.Int64(0), (int)r.Int64(1), r.Int64(2), r.Int64(3) != 0), ct);
    }

    public Task<IReadOnlyList<CurrentState>> LookUpAsync(IReadOnlyList<ResourceKey> keys, bool withBodies, AccessPlan access, CancellationToken ct) =>
        access.IsEverything || keys.All(k => access.SeesAll(k.Type, Interaction.Read)) ? StatesAsync(keys, withBodies, ct) : LookUpWithinAsync(keys, withBodies, access, ct);

    /// <summary>Where each key stands, whoever asks.</summary>
    protected abstract Task<IReadOnlyList<CurrentState>> StatesAsync(IReadOnlyList<ResourceKey> keys, bool withBodies, CancellationToken ct);

    public async Task<Referrers> ReferrersAsync(IReadOnlyList<long> targets, IReadOnlyList<long> except, int limit, AccessPlan access, CancellationToken ct, long? exceptOwner = null)
    {
        if (targets.Count == 0)
            return new([], []);

        var reach = new AccessSql(Dialect, access, Interaction.Read);
        await using var session = await ReadAsync(manyStatements: true, ct);
        var counts = await session.QueryAsync(ReferrersSql.Counts(Dialect, targets, except, exceptOwner, reach), r => (ResourceTypes.NameOf((int)r.Int64(0)), r.Int64(1)), ct);
        var some = counts.Count == 0 || limit == 0 ? [] : await session.QueryAsync(ReferrersSql.Page(Dialect, targets, except, exceptOwner, limit, reach),
            r => new Referrer(r.Int64(0), new(ResourceTypes.NameOf((int)r.Int64(1)), r.Text(2)), (int)r.Int64(3)), ct);
        return new(some, counts);
    }

    public async ValueTask<IReadSession> SnapshotAsync(AccessPlan access, CancellationToken ct)
    {
        ForSystemOnly(access);
        var session = await ReadAsync(manyStatements: true, ct);
        session.LiftLimit();
        return session;
    }

    public ValueTask<IReadSession> OpenAsync(AccessPlan access, CancellationToken ct) => ReadAsync(manyStatements: true, ct);

    public virtual long DeletionMark => -1;

    public abstract long ReserveSids(int count);

    public abstract Task<CommitResult> CommitAsync(CommitPlan plan, CancellationToken ct);

    public async Task<IReadOnlyList<Change>> ChangesAsync(long after, int limit, AccessPlan access, CancellationToken ct)
    {
        ForSystemOnly(access);
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(PointSql.Changes(Dialect, ChangeFeed, after, limit), r => new Change(
            r.Int64(0),
            new ResourceKey(ResourceTypes.NameOf((int)r.Int64(1)), r.Text(2)),
            (int)r.Int64(3),
            HttpVerb.NameOf(r.Int64(5)),
            DateTimeOffset.FromUnixTimeMilliseconds(r.Int64(4)))
        { Sid = r.Int64(6) }, ct);
    }

    public async ValueTask<byte[]?> ReadPieceAsync(long content, int ordinal, AccessPlan access, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        var rows = await session.QueryAsync(ContentSql.Piece(Dialect, content, ordinal), r => r.Blob(0).ToArray(), ct);
        return rows is [var piece] ? piece : null;
    }

    public async Task<IReadOnlyList<long>> AbandonedContentAsync(DateTimeOffset before, int limit, AccessPlan access, CancellationToken ct)
    {
        ForSystemOnly(access);
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(ContentSql.Abandoned(Dialect, before, limit), r => r.Int64(0), ct);
    }

    public abstract Task<bool> IsReadyAsync(CancellationToken ct);

    public abstract Task<long> SizeInBytesAsync(CancellationToken ct);

    public abstract ValueTask DisposeAsync();

    /// <summary>Rows of a statement on the store's own tables, each call in a snapshot of its own.</summary>
    internal async Task<List<T>> QueryAsync<T>(SqlStatement statement, Func<IRow, T> map, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(statement, map, ct);
    }

    /// <summary>How this engine's change table tells an order in which nothing can still appear behind a reader.</summary>
    protected abstract ChangeOrder ChangeFeed { get; }

    /// <summary>Opens a snapshot; one statement needs no transaction for it.</summary>
    protected abstract ValueTask<IReadSession> ReadAsync(bool manyStatements, CancellationToken ct);

    internal StoredResource Read(IRow row) => ResourceRow.Read(row, Codec);

    /// <summary>The page, one row more when there is another behind it, and the total if asked for.</summary>
    private async Task<(PageRows Page, long? Total)> IndexedAsync(IReadSession session, SearchQuery query, bool counts, CancellationToken ct)
    {
        if (query.Count == 0)
            return (PageRows.None, await CountAsync(session, query, ct));

        var plan = await planner.PlanAsync(session, query, ct);
        var rows = plan.Walk is { } walk ? await WalkAsync(session, query, walk, ct) : PageRows.None;
        if (rows.Found <= query.Count)
            rows = await RowsAsync(session, SearchSql.Page(Dialect, query, plan.Counts), query, ct);
        if (!counts)
            return (rows, null);

        // What the one page shows whole needs no estimate; and none is below what has been seen.
        return (rows, query.Total != TotalMode.Estimate || plan.Matches is not { } about ? await CountAsync(session, query, ct)
            : query.After is null && rows.Found <= query.Count ? rows.Found : Math.Max(about, rows.Found));
    }

    /// <summary>The page, if it is met soon enough; whatever is less than a page and one row means nothing.</summary>
    private async Task<PageRows> WalkAsync(IReadSession session, SearchQuery query, long rows, CancellationToken ct)
    {
        if (ValueWalkSql.CanWalk(query))
            return await RowsAsync(session, ValueWalkSql.Page(Dialect, query, rows), query, ct);
        var end = rows == long.MaxValue ? [] : await session.QueryAsync(WalkSql.End(Dialect, query, rows), r => WalkSql.IsText(query) ? (object)r.Text(0) : r.Int64(0), ct);
        return await RowsAsync(session, WalkSql.Page(Dialect, query, end is [var last] ? last : null), query, ct);
    }

    private async Task<long> CountAsync(IReadSession session, SearchQuery query, CancellationToken ct)
    {
        // Over the whole store it matters which of several conditions the count starts from.
        var counts = ConditionSql.Terms(query.Where).Count > 1 ? (await planner.PlanAsync(session, query with { Total = TotalMode.Accurate }, ct)).Counts : null;
        return (await session.QueryAsync(SearchSql.Total(Dialect, query, counts), r => r.Int64(0), ct))[0];
    }

    private async Task<PageRows> RowsAsync(IReadSession session, SqlStatement statement, SearchQuery query, CancellationToken ct)
    {
        // The matches of a page whose includes go on fitted before: all of them count again.
        var budget = new PageBudget(query.Rest is null ? query.MaxBytes : long.MaxValue);
        var (rows, found) = await budget.QueryAsync(session, statement, r => PageRow.Read(r, query.Sort, Codec), r => r.Resource, ct);
        return new(rows, found);
    }

    private static async Task<(PageRows Page, long? Total)> ScannedAsync(BodyScan scan, SearchQuery query, bool counts, CancellationToken ct)
    {
        if (query.Count == 0)
            return (PageRows.None, await scan.CountAsync(query, ct));

        // The first page and the total come from one pass; behind it the total needs a pass of its own.
        long? total = counts && query.After is not null ? await scan.CountAsync(query, ct) : null;
        var (rows, seen, budget) = (new List<PageRow>(), 0L, new PageBudget(query.Rest is null ? query.MaxBytes : long.MaxValue));
        await foreach (var row in scan.MatchesAsync(query, ct))
        {
            seen++;
            if (rows.Count < query.Count && !budget.IsSpent)
            {
                rows.Add(row);
                budget.Take(row.Resource);
            }
            else if (!counts || total is not null)
            {
                break;
            }
        }

        return (new(rows, seen), counts ? total ?? seen : null);
    }
}
