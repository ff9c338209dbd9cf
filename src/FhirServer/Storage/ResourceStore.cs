using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage;

/// <summary>Reading, the same on every engine: each call composes its statements and runs them in one snapshot.</summary>
internal abstract partial class ResourceStore(SqlDialect dialect, ReferencedKeys? references) : IResourceStore
{
    public abstract ISymbols Symbols { get; }

    public virtual bool IsAlone => false;

    public SqlDialect Dialect { get; } = dialect;

    protected BodyCodec Codec { get; } = BodyCodec.Shipped;

    public abstract Task StartAsync(CancellationToken ct);

    public virtual async ValueTask<StoredResource?> ReadAsync(ResourceKey key, AccessPlan access, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        var rows = await session.QueryAsync(PointSql.Current(Dialect, key), Read, ct);
        return rows is [var found] ? found : null;
    }

    public async ValueTask<StoredResource?> ReadVersionAsync(ResourceKey key, int version, AccessPlan access, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        var rows = await session.QueryAsync(PointSql.Version(Dialect, key, version), Read, ct);
        return rows is [var found] ? found : null;
    }

    public async Task<HistoryPage> HistoryAsync(HistoryQuery query, AccessPlan access, CancellationToken ct)
    {
        if (query.IsFeed)
            return await FeedAsync(query, ct);

        // A resource and a type are counted once, with the first page; counting everything would read everything.
        var counts = query is { Type: not null, After: null };
        await using var session = await ReadAsync(manyStatements: counts, ct);
        var rows = query.Count == 0 ? [] : await session.QueryAsync(HistorySql.Page(Dialect, query), Read, ct);
        long? total = counts ? (await session.QueryAsync(HistorySql.Total(Dialect, query), r => r.Int64(0), ct))[0] : null;
        if (rows.Count <= query.Count)
            return new(rows, total, null);

        rows.RemoveAt(query.Count);
        var last = rows[^1];
        return new(rows, total, new(last.LastUpdated.ToUnixTimeMilliseconds(), last.Sid, last.Version));
    }

    private async Task<HistoryPage> FeedAsync(HistoryQuery query, CancellationToken ct)
    {
        if (query.Count == 0)
            return new([], null, null);

        await using var session = await ReadAsync(manyStatements: query.Since is not null, ct);
        var from = query.Since is { } since ? await FeedSearch.FindAsync(session, Dialect, ChangeFeed, since.ToUnixTimeMilliseconds(), ct) : 0;
        var rows = await session.QueryAsync(HistorySql.Feed(Dialect, ChangeFeed, query, from), r => (Version: Read(r), Sequence: r.Int64(ResourceRow.Count)), ct);
        var isMore = rows.Count > query.Count;
        if (isMore)
            rows.RemoveAt(query.Count);
        var versions = rows.ConvertAll(r => r.Version);
        return new(versions, null, isMore ? new(0, 0, 0) { Sequence = rows[^1].Sequence } : null);
    }

    public async Task<SearchPage> SearchAsync(SearchQuery query, AccessPlan access, CancellationToken ct)
    {
        var counts = query.Total != TotalMode.None || query.Count == 0;
        await using var session = await ReadAsync(manyStatements: (counts && query.Count > 0) || query.Includes.Count > 0, ct);
        long? total = counts ? (await session.QueryAsync(SearchSql.Total(Dialect, query), r => r.Int64(0), ct))[0] : null;
        if (query.Count == 0)
            return new([], [], total, null);

        var rows = await session.QueryAsync(SearchSql.Page(Dialect, query), r => (Resource: Read(r), Values: SortValues(r, query)), ct);
        PagePosition? next = null;
        if (rows.Count > query.Count)
        {
            rows.RemoveAt(query.Count);
            next = new(rows[^1].Values, rows[^1].Resource.Sid);
        }

        var matches = rows.ConvertAll(r => r.Resource);
        if (query.Includes.Count == 0 || matches.Count == 0)
            return new(matches, [], total, next);

        var (included, isCut) = await new IncludeWalk(Dialect, Codec, references).RunAsync(session, query.Includes, matches, ct);
        return new(matches, included, total, next) { IsIncludedCut = isCut };
    }

    public abstract Task<IReadOnlyList<CurrentState>> LookUpAsync(IReadOnlyList<ResourceKey> keys, bool withBodies, AccessPlan access, CancellationToken ct);

    public async Task<Referrers> ReferrersAsync(IReadOnlyList<long> targets, IReadOnlyList<long> except, int limit, AccessPlan access, CancellationToken ct, long? exceptOwner = null)
    {
        if (targets.Count == 0)
            return new([], []);

        await using var session = await ReadAsync(manyStatements: true, ct);
        var counts = await session.QueryAsync(ReferrersSql.Counts(Dialect, targets, except, exceptOwner), r => (ResourceTypes.NameOf((int)r.Int64(0)), r.Int64(1)), ct);
        var some = counts.Count == 0 || limit == 0 ? [] : await session.QueryAsync(ReferrersSql.Page(Dialect, targets, except, exceptOwner, limit),
            r => new Referrer(r.Int64(0), new(ResourceTypes.NameOf((int)r.Int64(1)), r.Text(2)), (int)r.Int64(3)), ct);
        return new(some, counts);
    }

    public async ValueTask<IReadSession> SnapshotAsync(AccessPlan access, CancellationToken ct)
    {
        var session = await ReadAsync(manyStatements: true, ct);
        session.LiftLimit();
        return session;
    }

    public virtual long DeletionMark => -1;

    public abstract long ReserveSids(int count);

    public abstract Task<CommitResult> CommitAsync(CommitPlan plan, CancellationToken ct);

    public async Task<IReadOnlyList<Change>> ChangesAsync(long after, int limit, AccessPlan access, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(PointSql.Changes(Dialect, ChangeFeed, after, limit), r => new Change(
            r.Int64(0),
            new ResourceKey(ResourceTypes.NameOf((int)r.Int64(1)), r.Text(2)),
            (int)r.Int64(3),
            HttpVerb.NameOf(r.Int64(5)),
            DateTimeOffset.FromUnixTimeMilliseconds(r.Int64(4))), ct);
    }

    public async ValueTask<byte[]?> ReadPieceAsync(long content, int ordinal, AccessPlan access, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        var rows = await session.QueryAsync(ContentSql.Piece(Dialect, content, ordinal), r => r.Blob(0).ToArray(), ct);
        return rows is [var piece] ? piece : null;
    }

    public async Task<IReadOnlyList<long>> AbandonedContentAsync(DateTimeOffset before, int limit, AccessPlan access, CancellationToken ct)
    {
        await using var session = await ReadAsync(manyStatements: false, ct);
        return await session.QueryAsync(ContentSql.Abandoned(Dialect, before, limit), r => r.Int64(0), ct);
    }

    public abstract Task<bool> IsReadyAsync(CancellationToken ct);

    public abstract Task<long> SizeInBytesAsync(CancellationToken ct);

    public abstract ValueTask DisposeAsync();

    /// <summary>How this engine's change table tells an order in which nothing can still appear behind a reader.</summary>
    protected abstract ChangeOrder ChangeFeed { get; }

    /// <summary>Opens a snapshot; one statement needs no transaction for it.</summary>
    protected abstract ValueTask<IReadSession> ReadAsync(bool manyStatements, CancellationToken ct);

    protected StoredResource Read(IRow row) => ResourceRow.Read(row, Codec);

    private static object?[] SortValues(IRow row, SearchQuery query) => [.. query.Sort.Select((key, i) =>
        row.IsNull(ResourceRow.Count + i) ? null : (object?)(SortSql.IsNumeric(key) ? row.Int64(ResourceRow.Count + i) : row.Text(ResourceRow.Count + i)))];
}
