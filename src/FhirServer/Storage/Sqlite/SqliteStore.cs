using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Cache;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Symbols;

namespace FhirEmr.FhirServer.Storage.Sqlite;

/// <summary>The embedded store: one file, one writer with group commit, many readers in snapshots.</summary>
internal sealed class SqliteStore(string folder, ILogger log, Func<IReferencedTargets>? references, ReadCache? cache = null, TimeSpan timeout = default) : ResourceStore(SqlDialect.Sqlite, references)
{
    private const string PointRead =
        "SELECT r.Sid, r.Type, r.Id, r.Version, r.LastUpdated, r.Deleted, r.Method, r.Body, r.Owner FROM Resource r WHERE r.Type = ?1 AND r.Id = ?2";

    private readonly SqliteSymbols symbols = new();
    private SqliteFile? file;
    private SqliteReaders? readers;
    private SqliteWriter? writer;
    private long lastSid;

    public override ISymbols Symbols => symbols;

    public override bool IsAlone => true;

    public override CancellationToken Failed => writer?.Failed ?? CancellationToken.None;

    protected override ChangeOrder ChangeFeed { get; } = new("c.Sequence", after => $"c.Sequence > {after}", "c.Sequence");

    public override async Task StartAsync(CancellationToken ct)
    {
        NativeHeap.Bound();
        file = SqliteFile.Claim(folder, log);
        try
        {
            var session = await file.OpenAsync(ct);
            session.Execute($"INSERT OR IGNORE INTO Setting (Name, Value) VALUES ('TokenKey', '{KeyedHash.NewKey()}');");
            symbols.UseKey(session.ScalarText("SELECT Value FROM Setting WHERE Name = 'TokenKey'")!);
            symbols.Load(session);
            lastSid = session.Scalar("SELECT MAX(COALESCE((SELECT MAX(Sid) FROM Resource), 0), COALESCE((SELECT MAX(Sid) FROM Purged), 0))"); // never one twice
            readers = new SqliteReaders(file.Path, timeout);
            writer = new SqliteWriter(session, symbols, Holds, log);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override ValueTask<StoredResource?> ReadAsync(ResourceKey key, AccessPlan access, CancellationToken ct)
    {
        if (!access.SeesAll(key.Type, Interaction.Read))
            return base.ReadAsync(key, access, ct);
        ReadCache.Ticket ticket = default;
        return cache?.Find(key, mayAnswer: true, out ticket) is { } found ? new(found) : SeekAsync(key, ticket, ct);
    }

    private async ValueTask<StoredResource?> SeekAsync(ResourceKey key, ReadCache.Ticket ticket, CancellationToken ct)
    {
        var session = await readers!.RentAsync(ct);
        try
        {
            return Seek(session, key, s => s.Int64(3) > 0 ? Kept(s, ticket) : null);
        }
        catch (SqliteFault fault)
        {
            throw fault.Translate();
        }
        finally
        {
            readers.Return(session);
        }
    }

    private StoredResource Kept(SqliteStatement row, ReadCache.Ticket ticket)
    {
        var read = Read(row);
        cache?.Keep(read, row.Int64(8), row.Blob(7), ticket);
        return read;
    }

    protected override async Task<IReadOnlyList<CurrentState>> StatesAsync(IReadOnlyList<ResourceKey> keys, bool withBodies, CancellationToken ct)
    {
        var states = new CurrentState[keys.Count];
        var others = cache?.FillIn(states, keys, withBodies, mayAnswer: true) ?? [.. Enumerable.Range(0, keys.Count)];
        if (others.Count == 0)
            return states;
        await using var read = (SqliteRead)await ReadAsync(manyStatements: others.Count > 1, ct);
        var session = read.Session;
        try
        {
            foreach (var i in others)
                states[i] = Seek(session, keys[i], s => new CurrentState(
                    s.Int64(0), (int)s.Int64(3), s.Int64(5) != 0, s.Int64(4), s.Int64(8), withBodies ? Codec.Decompress(s.Blob(7)) : default));
        }
        catch (SqliteFault fault)
        {
            throw fault.Translate();
        }

        return states;
    }

    public override long DeletionMark => writer!.Deletions;

    public override long ReserveSids(int count) => Interlocked.Add(ref lastSid, count) - count + 1;

    public override async Task<CommitResult> CommitAsync(CommitPlan plan, CancellationToken ct)
    {
        var prepared = new PreparedPlan(plan);
        var result = await (cache is null ? writer!.EnqueueAsync(prepared, ct) : cache.AroundAsync(plan, () => writer!.EnqueueAsync(prepared, ct)));
        if (result is CommitResult.Committed)
            symbols.Remember(plan);
        return result;
    }

    public override async Task<bool> IsReadyAsync(CancellationToken ct)
    {
        if (writer is not { Failure: null })
            return false;

        try
        {
            return await CommitAsync(new CommitPlan(), ct) is CommitResult.Committed;
        }
        catch (Exception e) when (e is SqliteFault or StorageFullException or StorageFailedException or StorageUnavailableException)
        {
            return false;
        }
    }

    public override Task<long> SizeInBytesAsync(CancellationToken ct) =>
        Task.FromResult(new[] { "", "-wal" }.Select(end => new FileInfo(file!.Path + end)).Where(f => f.Exists).Sum(f => f.Length));

    public override ValueTask DisposeAsync()
    {
        readers?.Dispose();
        writer?.Dispose();
        file?.Dispose();
        (readers, writer, file) = (null, null, null);
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask<IReadSession> ReadAsync(bool manyStatements, CancellationToken ct) =>
        new SqliteRead(readers!, await readers!.RentAsync(ct), manyStatements);

    private static T? Seek<T>(SqliteSession session, ResourceKey key, Func<SqliteStatement, T> read)
    {
        var statement = session.Prepare(PointRead);
        statement.Bind(1, ResourceTypes.NumberOf(key.Type));
        statement.Bind(2, key.Id);
        try
        {
            return statement.Step() ? read(statement) : default;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Runs on the writer's session, inside the transaction.</summary>
    private static bool Holds(SqliteSession session, Precondition precondition)
    {
        var sids = SqliteRead.Query(
            session, SearchSql.Sids(SqlDialect.Sqlite, precondition.Query, precondition.ExpectedSids.Count + 1), r => r.Int64(0), CancellationToken.None);
        return sids.SequenceEqual(precondition.ExpectedSids.Order());
    }
}
