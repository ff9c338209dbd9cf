using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Answers;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Scan;
using FhirEmr.FhirServer.Storage.SqlServer;
using SearchPage = FhirEmr.FhirServer.Search.Query.SearchPage;

namespace FhirEmr.FhirServer.Tests.Storage;

/// <summary>Answers from another store, and hands every statement that SQL Server would have been asked to the compiler.</summary>
internal sealed class CompilingStore(IResourceStore inner, SqlServerCompiler compiler) : IResourceStore
{
    private static readonly SqlDialect Dialect = SqlDialect.SqlServer;

    public ISymbols Symbols => inner.Symbols;

    public bool IsAlone => inner.IsAlone;

    public CancellationToken Failed => inner.Failed;

    public Task StartAsync(CancellationToken ct) => inner.StartAsync(ct);

    public ValueTask<StoredResource?> ReadAsync(ResourceKey key, AccessPlan access, CancellationToken ct)
    {
        compiler.Add(PointSql.Current(Dialect, key));
        compiler.Add(PointSql.Current(Dialect, key, new AccessSql(Dialect, access, Interaction.Read)));
        return inner.ReadAsync(key, access, ct);
    }

    public ValueTask<StoredResource?> ReadVersionAsync(ResourceKey key, int version, AccessPlan access, CancellationToken ct)
    {
        compiler.Add(PointSql.Version(Dialect, key, version));
        return inner.ReadVersionAsync(key, version, access, ct);
    }

    public Task<HistoryPage> HistoryAsync(HistoryQuery query, AccessPlan access, CancellationToken ct)
    {
        if (query.IsFeed)
        {
            compiler.Add(HistorySql.Feed(Dialect, SqlServerStatements.ChangeFeed, query, 1));
            compiler.Add(HistorySql.ChangeAt(Dialect, SqlServerStatements.ChangeFeed, 1));
            compiler.Add(HistorySql.Ends(Dialect, SqlServerStatements.ChangeFeed));
        }

        var bound = query with { Access = access.IsEverything ? null : access };
        if (query.IsFeed)
            compiler.Add(HistorySql.Feed(Dialect, SqlServerStatements.ChangeFeed, bound, 1));
        compiler.Add(HistorySql.Page(Dialect, bound));
        compiler.Add(HistorySql.Page(Dialect, query));
        compiler.Add(HistorySql.Total(Dialect, query));
        return inner.HistoryAsync(query, access, ct);
    }

    public Task<SearchPage> SearchAsync(SearchQuery query, AccessPlan access, CancellationToken ct)
    {
        var asked = query;
        query = QueryBounds.Apply(query, access);
        var candidates = query with { Where = BodyTerms.Necessary(query.Where) };
        compiler.Add(SearchSql.Page(Dialect, candidates));
        compiler.Add(SearchSql.Total(Dialect, candidates));
        if (query.Types.Count == 1 && ValueWalkSql.CanWalk(candidates) && WalkSql.CanWalk(candidates))
        {
            compiler.Add(ValueWalkSql.Page(Dialect, candidates, 10));
        }
        else if (query.Types.Count == 1 && WalkSql.CanWalk(candidates))
        {
            compiler.Add(WalkSql.End(Dialect, candidates, 10));
            compiler.Add(WalkSql.Page(Dialect, candidates, WalkSql.IsText(candidates) ? "a" : 10L));
        }

        compiler.Add(CountSql.FirstOfType(Dialect, query.Type));
        compiler.Add(CountSql.LastOfType(query.Type));
        foreach (var leaf in ConditionSql.Terms(candidates.Where).Where(t => LeafSql.Table(t) is not null))
        {
            compiler.Add(CountSql.First(Dialect, leaf));
            compiler.Add(CountSql.All(Dialect, leaf));
            if (CountSql.Last(Dialect, leaf) is { } last)
                compiler.Add(last);
        }

        foreach (var term in BodyTerms.Undecided(query.Where).SelectMany(BodyTerms.Answerable))
            compiler.Add(SearchSql.Sids(Dialect, query with { Where = new SearchExpression.And([new SearchExpression.Sids([1, 2]), term]) }, 2));
        if (query.Includes.Count > 0)
            compiler.Add(IncludeSql.BySid(Dialect, [1, 2]));
        foreach (var include in query.Includes)
            compiler.Add(include.IsReverse ? IncludeSql.Referring(Dialect, include, [1, 2], 10, Reach(access)) : IncludeSql.ById(Dialect, include.SourceType, ["a"], Reach(access)));
        AddPast(query, candidates, access);
        return inner.SearchAsync(asked, access, ct);
    }

    /// <summary>The same search as of an instant.</summary>
    private void AddPast(SearchQuery query, SearchQuery candidates, AccessPlan access)
    {
        var then = candidates with { Where = new SearchExpression.And([candidates.Where, new SearchExpression.UnchangedSince(1)]) };
        compiler.Add(SearchSql.Page(Dialect, then));
        compiler.Add(SearchSql.Total(Dialect, then));
        compiler.Add(PastSql.Changed(Dialect, query.Types, ["a"], 1, 10));
        compiler.Add(PastSql.Versions(Dialect, [1, 2], 1));
        compiler.Add(PastSql.Keys(Dialect, "Patient", ["a"]));
        foreach (var reverse in ConditionSql.Terms(candidates.Where).OfType<SearchExpression.ReverseChain>())
            compiler.Add(SearchSql.Referred(Dialect, reverse, [1, 2]));
        foreach (var include in query.Includes)
            compiler.Add(include.IsReverse ? IncludeSql.Referring(Dialect, include, [1, 2], 10, Reach(access), 1) : IncludeSql.ById(Dialect, include.SourceType, ["a"], Reach(access), 1));
        compiler.Add(IncludeSql.BySid(Dialect, [1, 2], 1));
        compiler.Add(IncludeSql.ByUrl(Dialect, new(1, "Library", "url", Hl7.Fhir.Model.SearchParamType.Uri, "", [], ""), ["http://example.org/a", "http://example.org/b"], Reach(access), 1));
    }

    public Task<CompartmentPage> CompartmentAsync(CompartmentQuery query, AccessPlan access, CancellationToken ct)
    {
        var asked = query;
        query = query with { Access = access.IsEverything ? null : access };
        compiler.Add(CompartmentSql.Page(Dialect, query, 1, 1, 0, 10));
        compiler.Add(CompartmentSql.Bodies(Dialect, query, 1, 1));
        compiler.Add(CompartmentSql.Page(Dialect, query with { AsOf = 1 }, 1, 1, 0, 10));
        compiler.Add(CompartmentSql.Bodies(Dialect, query with { AsOf = 1 }, 1, 1));
        compiler.Add(CompartmentSql.Referred(Dialect, "Practitioner", ["a", "b"], 1, 1, query.Access));
        compiler.Add(CompartmentSql.Referred(Dialect, "Practitioner", ["a", "b"], 1, null, query.Access));
        compiler.Add(CompartmentSql.Anchor(Dialect, new("Patient", "a")));
        compiler.Add(CompartmentSql.OfAnyone(Dialect, query, 0, 10));
        compiler.Add(CompartmentSql.ReferredByAnyone(Dialect, query with { References = [1, 2] }, 0, 10));
        compiler.Add(CompartmentSql.OfAnyone(Dialect, query with { AsOf = 1 }, 0, 10));
        compiler.Add(CompartmentSql.ReferredByAnyone(Dialect, query with { References = [1, 2], AsOf = 1 }, 0, 10, [3, 4]));
        compiler.Add(CompartmentSql.ReferredOf(Dialect, query with { References = [1, 2], AsOf = 1 }, [3, 4]));
        return inner.CompartmentAsync(asked, access, ct);
    }

    public Task<IReadOnlyList<CommitPosition>> CommitPositionsAsync(IReadOnlyList<long> sids, AccessPlan access, CancellationToken ct)
    {
        compiler.Add(PointSql.Positions(Dialect, SqlServerStatements.ChangeFeed, sids));
        return inner.CommitPositionsAsync(sids, access, ct);
    }

    public Task<IReadOnlyList<CurrentState>> LookUpAsync(IReadOnlyList<ResourceKey> keys, bool withBodies, AccessPlan access, CancellationToken ct) =>
        inner.LookUpAsync(keys, withBodies, access, ct);

    public Task<Referrers> ReferrersAsync(IReadOnlyList<long> targets, IReadOnlyList<long> except, int limit, AccessPlan access, CancellationToken ct, long? exceptOwner = null)
    {
        var reach = new AccessSql(Dialect, access, Interaction.Read);
        compiler.Add(ReferrersSql.Counts(Dialect, targets, except, exceptOwner, reach));
        compiler.Add(ReferrersSql.Page(Dialect, targets, except, exceptOwner ?? 1, limit, reach));
        return inner.ReferrersAsync(targets, except, limit, access, ct, exceptOwner);
    }

    public Task<IReadOnlySet<long>> ReachableAsync(IReadOnlyList<long> sids, Interaction interaction, AccessPlan access, CancellationToken ct)
    {
        var reach = new AccessSql(Dialect, access, interaction);
        compiler.Add(ReachSql.Current(Dialect, [1, 2]));
        compiler.Add(ReachSql.Standing(Dialect, [1, 2]));
        compiler.Add(ReachSql.Within(Dialect, "Patient", [1, 2], reach));
        compiler.Add(ReachSql.Older(Dialect, [(1, 1), (2, 3)]));
        compiler.Add(ReachSql.Referrer(Dialect, 1, "a", reach));
        return inner.ReachableAsync(sids, interaction, access, ct);
    }

    public Task<IReadOnlyList<StoredResource>> ReachableAsync(
        IReadSession session, IReadOnlyList<StoredResource> versions, Interaction interaction, AccessPlan access, CancellationToken ct) =>
        inner.ReachableAsync(session, versions, interaction, access, ct);

    public Task<IReadOnlyList<(string Id, string Client, string Progress)>> OverJobsAsync(string kind, long before, int limit, CancellationToken ct) =>
        inner.OverJobsAsync(kind, before, limit, ct);

    public Task<(JobRow Job, long LeaseUntil)?> AnyJobAsync(string id, CancellationToken ct)
    {
        compiler.Add(JobSql.One(Dialect, id));
        return inner.AnyJobAsync(id, ct);
    }

    public Task<IReadOnlyList<(JobRow Job, long LeaseUntil)>> NewestJobsAsync(string besides, int limit, CancellationToken ct)
    {
        compiler.Add(JobSql.Newest(Dialect, besides, limit));
        return inner.NewestJobsAsync(besides, limit, ct);
    }

    public Task<int> UnfinishedJobsAsync(string kind, string client, CancellationToken ct) => inner.UnfinishedJobsAsync(kind, client, ct);

    public Task<IReadOnlyList<bool>> CoversAsync(IReadOnlyList<(VersionState State, Interaction Interaction)> states, AccessPlan access, CancellationToken ct) =>
        inner.CoversAsync(states, access, ct);

    public ValueTask<IReadSession> SnapshotAsync(AccessPlan access, CancellationToken ct) => inner.SnapshotAsync(access, ct);

    public ValueTask<IReadSession> OpenAsync(AccessPlan access, CancellationToken ct) => inner.OpenAsync(access, ct);

    public Task<(PageRows Page, long? Total)> MatchesAsync(IReadSession session, SearchQuery query, AccessPlan access, CancellationToken ct) =>
        inner.MatchesAsync(session, query, access, ct);

    public Task<IReadOnlyList<long>> ReferredAsync(
        IReadSession session, SearchExpression.ReverseChain reverse, IReadOnlyList<long> among, int maxScanned, AccessPlan access, CancellationToken ct) =>
        inner.ReferredAsync(session, reverse, among, maxScanned, access, ct);

    SqlDialect IResourceStore.Dialect => inner.Dialect;

    public long DeletionMark => inner.DeletionMark;

    public long ReserveSids(int count) => inner.ReserveSids(count);

    public Task<CommitResult> CommitAsync(CommitPlan plan, CancellationToken ct)
    {
        foreach (var precondition in plan.Preconditions)
            compiler.Add(SearchSql.Sids(Dialect, precondition.Query, 2));
        foreach (var (removed, added) in ColumnRows.Index(new PreparedPlan(plan)))
        {
            compiler.Add(SqlServerStatements.InsertRow(added.Table, added.Columns), Types(added));
            compiler.Add(SqlServerStatements.DeleteRow(removed.Table, removed.Columns), Types(removed));
        }

        var displays = ColumnRows.Displays(plan);
        compiler.Add(SqlServerStatements.InsertNew(displays.Table, displays.Columns), Types(displays));
        foreach (var statement in plan.Statements)
            compiler.Add(statement.Compose(Dialect));

        return inner.CommitAsync(plan, ct);
    }

    public Task<IReadOnlyList<Change>> ChangesAsync(long after, int limit, AccessPlan access, CancellationToken ct)
    {
        compiler.Add(PointSql.Changes(Dialect, SqlServerStatements.ChangeFeed, after, limit));
        return inner.ChangesAsync(after, limit, access, ct);
    }

    public Task<FeedPosition> FeedHeadAsync(AccessPlan access, CancellationToken ct)
    {
        compiler.Add(PointSql.Head(Dialect, SqlServerStatements.ChangeFeed));
        return inner.FeedHeadAsync(access, ct);
    }

    public Task<FeedPage?> FollowAsync(FeedPosition after, int count, long maxBytes, AccessPlan access, CancellationToken ct)
    {
        compiler.Add(HistorySql.Follow(Dialect, SqlServerStatements.ChangeFeed, after.Sequence, count));
        compiler.Add(HistorySql.VersionAt(Dialect, SqlServerStatements.ChangeFeed, after.Sequence));
        return inner.FollowAsync(after, count, maxBytes, access, ct);
    }

    public Task<KeptAnswer?> AnswerAsync(string client, string name, CancellationToken ct)
    {
        compiler.Add(AnswerSql.Find(Dialect, client, name));
        return inner.AnswerAsync(client, name, ct);
    }

    public Task<IReadOnlyList<MetaInUse>> MetaInUseAsync(IReadOnlyList<string> types, AccessPlan access, CancellationToken ct)
    {
        compiler.Add(MetaSql.Labels(Dialect, [1, 2], Reach(access), types));
        compiler.Add(MetaSql.Profiles(Dialect, [1, 2], Reach(access), types));
        return inner.MetaInUseAsync(types, access, ct);
    }

    public Task<JobRow?> JobAsync(string id, string client, CancellationToken ct)
    {
        compiler.Add(JobSql.Find(Dialect, id, client));
        return inner.JobAsync(id, client, ct);
    }

    public Task<(byte[] Request, string Client)?> JobRequestAsync(string id, CancellationToken ct)
    {
        compiler.Add(JobSql.Request(Dialect, id));
        return inner.JobRequestAsync(id, ct);
    }

    public Task<IReadOnlyList<string>> DueJobsAsync(string kind, long now, int limit, CancellationToken ct)
    {
        compiler.Add(JobSql.Due(Dialect, kind, now, limit));
        return inner.DueJobsAsync(kind, now, limit, ct);
    }

    public ValueTask<byte[]?> ReadPieceAsync(long content, int ordinal, AccessPlan access, CancellationToken ct)
    {
        compiler.Add(ContentSql.Piece(Dialect, content, ordinal));
        return inner.ReadPieceAsync(content, ordinal, access, ct);
    }

    public Task<IReadOnlyList<long>> AbandonedContentAsync(DateTimeOffset before, int limit, AccessPlan access, CancellationToken ct)
    {
        compiler.Add(ContentSql.Abandoned(Dialect, before, limit));
        return inner.AbandonedContentAsync(before, limit, access, ct);
    }

    public Task<bool> IsReadyAsync(CancellationToken ct) => inner.IsReadyAsync(ct);

    public Task<long> SizeInBytesAsync(CancellationToken ct) => inner.SizeInBytesAsync(ct);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static AccessSql Reach(AccessPlan access) => new(Dialect, access, Interaction.Search);

    private static string[] Types(ColumnRows rows) => [.. rows.Values.Select(v => v switch
    {
        long[] => "bigint",
        int[] => "int",
        short[] => "smallint",
        string[] => "nvarchar(4000)",
        _ => "varbinary(max)",
    })];
}
