using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Scan;

namespace FhirEmr.FhirServer.Storage;

/// <summary>The store, on one of three engines. Reads see one snapshot per call; every call carries the caller's access plan.</summary>
internal partial interface IResourceStore : IAsyncDisposable
{
    /// <summary>Creates or migrates the schema, checks the engine's durability settings, loads the dictionaries.</summary>
    Task StartAsync(CancellationToken ct);

    /// <summary>Current version, deletion markers included; null when there never was one (or the caller may not know).</summary>
    ValueTask<StoredResource?> ReadAsync(ResourceKey key, AccessPlan access, CancellationToken ct);

    ValueTask<StoredResource?> ReadVersionAsync(ResourceKey key, int version, AccessPlan access, CancellationToken ct);

    /// <summary>Newest first: of one resource, of a type, or (both null) of everything.</summary>
    Task<HistoryPage> HistoryAsync(HistoryQuery query, AccessPlan access, CancellationToken ct);

    /// <summary>
    /// Versions behind a position of the change feed, oldest first in the order of commits and never ahead of one that may still come before: who goes on
    /// from each page's end misses none and sees none twice. Null when the store does not have that change there: it was put back to before it.
    /// </summary>
    /// <param name="after">Where a page ended.</param>
    /// <param name="count">Most versions.</param>
    /// <param name="maxBytes">Bytes of bodies after which a page ends early.</param>
    /// <param name="access">What it shows is bounded as a history is.</param>
    /// <param name="ct">Stops it.</param>
    Task<FeedPage?> FollowAsync(FeedPosition after, int count, long maxBytes, AccessPlan access, CancellationToken ct);

    Task<SearchPage> SearchAsync(SearchQuery query, AccessPlan access, CancellationToken ct);

    /// <summary>One page of a compartment with what it refers to, in one snapshot.</summary>
    Task<CompartmentPage> CompartmentAsync(CompartmentQuery query, AccessPlan access, CancellationToken ct);

    /// <summary>When each version of these resources was committed, in the order of the change feed.</summary>
    /// <remarks>Reads the whole feed: for the rare question that time alone cannot answer.</remarks>
    Task<IReadOnlyList<CommitPosition>> CommitPositionsAsync(IReadOnlyList<long> sids, AccessPlan access, CancellationToken ct);

    /// <summary>Where each key stands now, in order; <see cref="CurrentState.None"/> for unknown ones. One round trip.</summary>
    Task<IReadOnlyList<CurrentState>> LookUpAsync(IReadOnlyList<ResourceKey> keys, bool withBodies, AccessPlan access, CancellationToken ct);

    /// <summary>Surrogate keys of those that the interaction may reach as they stand; of deleted ones the last content decides.</summary>
    Task<IReadOnlySet<long>> ReachableAsync(IReadOnlyList<long> sids, Interaction interaction, AccessPlan access, CancellationToken ct);

    /// <summary>Whether each of these states, stored or about to be, is one that its interaction may reach. They see each other as if all were stored.</summary>
    Task<IReadOnlyList<bool>> CoversAsync(IReadOnlyList<(VersionState State, Interaction Interaction)> states, AccessPlan access, CancellationToken ct);

    /// <summary>Current resources outside <paramref name="except"/> that refer to any of the targets, through whatever element.</summary>
    /// <param name="exceptOwner">A patient whose own resources are left out, too.</param>
    /// <param name="limit">Most to name; their numbers by type are complete.</param>
    Task<Referrers> ReferrersAsync(IReadOnlyList<long> targets, IReadOnlyList<long> except, int limit, AccessPlan access, CancellationToken ct, long? exceptOwner = null);

    /// <summary>
    /// Changes whenever a deletion becomes visible: a plan takes it before it looks up what it refers to, and the writer looks again only when it
    /// changed. Negative where other processes write, too: then it always looks.
    /// </summary>
    long DeletionMark { get; }

    /// <summary>One state of the database for maintenance that reads the tables themselves (verify, purge, history as of an instant).</summary>
    ValueTask<IReadSession> SnapshotAsync(AccessPlan access, CancellationToken ct);

    /// <summary>One state of the database for a request that asks several things of it.</summary>
    ValueTask<IReadSession> OpenAsync(AccessPlan access, CancellationToken ct);

    /// <summary>The matches of a search in an open snapshot with their places in the order, and one more when there is another behind the page.</summary>
    Task<(PageRows Page, long? Total)> MatchesAsync(IReadSession session, SearchQuery query, AccessPlan access, CancellationToken ct);

    /// <summary>Those of some versions, current ones, older ones or deletions, that the interaction may reach, in an open snapshot and in their order.</summary>
    Task<IReadOnlyList<StoredResource>> ReachableAsync(IReadSession session, IReadOnlyList<StoredResource> versions, Interaction interaction, AccessPlan access, CancellationToken ct);

    /// <summary>Which of these surrogate keys a current resource that matches refers to, in an open snapshot.</summary>
    /// <param name="maxScanned">Bodies that may be read for it.</param>
    Task<IReadOnlyList<long>> ReferredAsync(
        IReadSession session, SearchExpression.ReverseChain reverse, IReadOnlyList<long> among, int maxScanned, AccessPlan access, CancellationToken ct);

    /// <summary>How this engine words statements.</summary>
    SqlDialect Dialect { get; }

    /// <summary>Reserves surrogate keys: the first of <paramref name="count"/> consecutive ones.</summary>
    long ReserveSids(int count);

    /// <summary>Executes the plan in one database transaction; returns after it is durable.</summary>
    Task<CommitResult> CommitAsync(CommitPlan plan, CancellationToken ct);

    /// <summary>Committed changes after a position, in commit order, for subscriptions and billing.</summary>
    Task<IReadOnlyList<Change>> ChangesAsync(long after, int limit, AccessPlan access, CancellationToken ct);

    /// <summary>A position in the change feed behind which nothing can be committed any more, as late as there is one. It says nothing of what was written: every plan may know it.</summary>
    Task<FeedPosition> FeedHeadAsync(AccessPlan access, CancellationToken ct);

    /// <summary>One piece of a Binary's content; null when there is none such.</summary>
    ValueTask<byte[]?> ReadPieceAsync(long content, int ordinal, AccessPlan access, CancellationToken ct);

    /// <summary>Contents whose upload began before an instant and that no version refers to.</summary>
    Task<IReadOnlyList<long>> AbandonedContentAsync(DateTimeOffset before, int limit, AccessPlan access, CancellationToken ct);

    /// <summary>No other process writes this store: what cannot change, such as the surrogate key of a resource, may be remembered.</summary>
    bool IsAlone { get; }

    /// <summary>Numbers for systems, units and parameters, shared by all nodes.</summary>
    ISymbols Symbols { get; }

    /// <summary>Cancelled when an I/O error left it unknown what is on disk: nothing more is acknowledged, and only another process may go on (reliability F5).</summary>
    CancellationToken Failed { get; }

    /// <summary>Cheap check that the database answers and takes writes.</summary>
    Task<bool> IsReadyAsync(CancellationToken ct);

    /// <summary>Bytes the database occupies on disk, for reports.</summary>
    Task<long> SizeInBytesAsync(CancellationToken ct);
}

/// <summary>Where a resource stands: surrogate key, version (0: only reserved), owner, body when asked for.</summary>
internal readonly record struct CurrentState(long Sid, int Version, bool IsDeleted, long LastUpdated, long Owner, ReadOnlyMemory<byte> Json)
{
    public static CurrentState None => default;

    public bool IsKnown => Sid != 0;

    public bool Exists => Version > 0 && !IsDeleted;
}

/// <param name="Since">Only versions at or after this instant.</param>
/// <param name="At">The state at this instant: only versions current then, or at some time before <c>AtEnd</c>.</param>
/// <param name="After">Where the previous page ended.</param>
internal sealed record HistoryQuery(string? Type, string? Id, int Count, DateTimeOffset? Since, DateTimeOffset? At, HistoryPosition? After)
{
    /// <summary>End of a period that began at <see cref="At"/>, exclusive; null for an instant.</summary>
    public DateTimeOffset? AtEnd { get; init; }

    /// <summary>The interaction it is part of, whose rights bound it.</summary>
    public Interaction Under { get; init; } = Interaction.History;

    /// <summary>Set by the store when the caller's rights bound it: older versions are then looked at one by one.</summary>
    public AccessPlan? Access { get; init; }

    /// <summary>Nothing beyond it, said for the first page: of several resources one with an earlier instant may still be committing.</summary>
    public HistoryHorizon? UpTo { get; init; }

    /// <summary><see cref="UpTo"/> of the first page, on whichever page of the feed this is.</summary>
    public HistoryHorizon? Horizon => UpTo ?? After?.Horizon;

    /// <summary>Bytes of bodies after which a page ends early.</summary>
    public long MaxBytes { get; init; } = long.MaxValue;

    /// <summary>All types and no state: read from the change feed, newest first, so that nothing is sorted.</summary>
    public bool IsFeed => Type is null && At is null;
}

/// <summary>Last version shown.</summary>
internal sealed record HistoryPosition(long LastUpdated, long Sid, int Version)
{
    /// <summary>Its place in the change feed, where the history is read from that.</summary>
    public long Sequence { get; init; }

    /// <summary>That of the first page, where the history is read from the change feed.</summary>
    public HistoryHorizon? Horizon { get; init; }
}

/// <summary>What a history shows: versions written up to an instant, and what stood in the feed before that was taken, whatever another node's clock said.</summary>
/// <param name="Instant">Milliseconds since 1970 UTC, inclusive.</param>
/// <param name="Head">Position in the change feed, inclusive.</param>
internal sealed record HistoryHorizon(long Instant, long Head);

/// <summary>A change in the feed: its place, and which version it is, by which it is known again in a store that was put back.</summary>
internal readonly record struct FeedPosition(long Sequence, long Sid, int Version)
{
    /// <summary>Before the first.</summary>
    public static FeedPosition Start => default;
}

/// <param name="End">Position of the last version that was looked at, whether it may be shown or not.</param>
internal sealed record FeedPage(IReadOnlyList<StoredResource> Versions, FeedPosition End);

internal sealed record HistoryPage(IReadOnlyList<StoredResource> Versions, long? Total, HistoryPosition? Next);

/// <summary>One committed version in the order it was committed.</summary>
internal readonly record struct Change(long Sequence, ResourceKey Key, int Version, string Method, DateTimeOffset LastUpdated)
{
    /// <summary>Surrogate key of the resource.</summary>
    public long Sid { get; init; }
}

/// <param name="IsSettled">Nothing can still be committed before it.</param>
internal readonly record struct CommitPosition(long Sid, int Version, long Sequence, bool IsSettled);

/// <summary>Durable dictionaries in front of the index.</summary>
internal interface ISymbols : ISearchSymbols
{
    /// <summary>Number of a system or unit, creating it when new.</summary>
    int Intern(string text);

    /// <summary>True when the token text with this hash is already stored.</summary>
    bool IsTextStored(long hash);

    /// <summary>True when the text beside a token with this key (<see cref="TokenDisplay.Key"/>) is already stored.</summary>
    bool IsDisplayStored(long key);

    /// <summary>True when the parameter set is already stored.</summary>
    bool IsShapeStored(int type, long hash);

    /// <summary>Parameter sets seen on a type, for <c>:missing</c>.</summary>
    IReadOnlyList<(long Hash, IReadOnlyList<int> Params)> ShapesOf(int type);

    /// <summary>Numbers of the search parameters, stable for the life of the store.</summary>
    int ParameterNumber(string type, string code);

    /// <summary>The same without giving one: null when nothing was ever written under it. For reads.</summary>
    int? FindParameter(string type, string code);
}
