using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Storage;

/// <summary>The store, on one of three engines. Reads see one snapshot per call; every call carries the caller's access plan.</summary>
internal interface IResourceStore : IAsyncDisposable
{
    /// <summary>Creates or migrates the schema, checks the engine's durability settings, loads the dictionaries.</summary>
    Task StartAsync(CancellationToken ct);

    /// <summary>Current version, deletion markers included; null when there never was one (or the caller may not know).</summary>
    ValueTask<StoredResource?> ReadAsync(ResourceKey key, AccessPlan access, CancellationToken ct);

    ValueTask<StoredResource?> ReadVersionAsync(ResourceKey key, int version, AccessPlan access, CancellationToken ct);

    /// <summary>Newest first: of one resource, of a type, or (both null) of everything.</summary>
    Task<HistoryPage> HistoryAsync(HistoryQuery query, AccessPlan access, CancellationToken ct);

    Task<SearchPage> SearchAsync(SearchQuery query, AccessPlan access, CancellationToken ct);

    /// <summary>One page of a compartment with what it refers to, in one snapshot.</summary>
    Task<CompartmentPage> CompartmentAsync(CompartmentQuery query, AccessPlan access, CancellationToken ct);

    /// <summary>When each version of these resources was committed, in the order of the change feed.</summary>
    /// <remarks>Reads the whole feed: for the rare question that time alone cannot answer.</remarks>
    Task<IReadOnlyList<CommitPosition>> CommitPositionsAsync(IReadOnlyList<long> sids, AccessPlan access, CancellationToken ct);

    /// <summary>Where each key stands now, in order; <see cref="CurrentState.None"/> for unknown ones. One round trip.</summary>
    Task<IReadOnlyList<CurrentState>> LookUpAsync(IReadOnlyList<ResourceKey> keys, bool withBodies, AccessPlan access, CancellationToken ct);

    /// <summary>Reserves surrogate keys: the first of <paramref name="count"/> consecutive ones.</summary>
    long ReserveSids(int count);

    /// <summary>Executes the plan in one database transaction; returns after it is durable.</summary>
    Task<CommitResult> CommitAsync(CommitPlan plan, CancellationToken ct);

    /// <summary>Committed changes after a position, in commit order, for subscriptions and billing.</summary>
    Task<IReadOnlyList<Change>> ChangesAsync(long after, int limit, AccessPlan access, CancellationToken ct);

    /// <summary>No other process writes this store: what cannot change, such as the surrogate key of a resource, may be remembered.</summary>
    bool IsAlone { get; }

    /// <summary>Numbers for systems, units and parameters, shared by all nodes.</summary>
    ISymbols Symbols { get; }

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
/// <param name="At">The state at this instant: only versions current then.</param>
/// <param name="After">Where the previous page ended.</param>
internal sealed record HistoryQuery(string? Type, string? Id, int Count, DateTimeOffset? Since, DateTimeOffset? At, HistoryPosition? After);

internal sealed record HistoryPosition(long LastUpdated, long Sid, int Version);

internal sealed record HistoryPage(IReadOnlyList<StoredResource> Versions, long? Total, HistoryPosition? Next);

/// <summary>One committed version in the order it was committed.</summary>
internal readonly record struct Change(long Sequence, ResourceKey Key, int Version, string Method, DateTimeOffset LastUpdated);

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
