using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Cache;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Schema;
using FhirEmr.FhirServer.Storage.Schema.Postgres;
using FhirEmr.FhirServer.Storage.Symbols;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace FhirEmr.FhirServer.Storage.Postgres;

/// <summary>The store on PostgreSQL 15 and up.</summary>
internal sealed class PostgresStore : ResourceStore
{
    private readonly NpgsqlDataSource source;
    private readonly NpgsqlDataSource numbers;
    private readonly string migratorString;
    private readonly int timeoutSeconds;
    private readonly PostgresSymbols symbols;
    private readonly SidBlocks sids;
    private readonly PostgresStatistics statistics;
    private readonly PostgresPointReads points;
    private readonly ReadCache? cache;
    private readonly SoleNode? node;
    private PostgresCommit? commit;
    private long sequenceBase;

    public PostgresStore(string connectionString, ILoggerFactory logs, Func<IReferencedTargets>? references, ReadCache? cache = null, int timeoutSeconds = 10) : base(SqlDialect.Postgres, references)
    {
        this.timeoutSeconds = timeoutSeconds;
        var settings = new NpgsqlConnectionStringBuilder(PostgresPool.Sized(connectionString, PostgresPool.Records));
        if (!PostgresPool.Says(connectionString, "Max Auto Prepare"))
            settings.MaxAutoPrepare = 200; // statement texts are few and stable: each is planned once a connection
        if (!PostgresPool.Says(connectionString, "Auto Prepare Min Usages"))
            settings.AutoPrepareMinUsages = 2;
        migratorString = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false }.ConnectionString;

        // No statement of the pool leaves anything behind in its session (the node's lock has a connection of its own), so nothing is to be reset.
        var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { NoResetOnClose = true }.ConnectionString);
        builder.UseLoggerFactory(logs);
        source = builder.Build();
        numbers = NpgsqlDataSource.Create(PostgresPool.Sized(connectionString, PostgresPool.Numbers));
        symbols = new PostgresSymbols(numbers);
        statistics = new PostgresStatistics(source, logs.CreateLogger<PostgresStatistics>());
        points = new PostgresPointReads(source, timeoutSeconds);
        if (cache is not null)
        {
            this.cache = cache;
            cache.IsOn = false; // until it is known that no other node is there
            node = new SoleNode(settings.ConnectionString, alone => cache.IsOn = alone, logs.CreateLogger<SoleNode>());
        }

        sids = new SidBlocks(() => ScalarOf<long>("SELECT nextval('sidblock')"));
    }

    public override ISymbols Symbols => symbols;

    public override bool IsAlone => cache is { IsOn: true } && node!.IsCertain;

    /// <remarks>
    /// A sequence begins with its transaction's number. Below the oldest transaction still running nothing can appear any more, so a
    /// reader that stays below it misses no late commit.
    /// </remarks>
    protected override ChangeOrder ChangeFeed => new("c.Sequence", after =>
        $"c.Sequence > {after} AND c.Sequence < {sequenceBase} + (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 20)", "c.Sequence");

    public override async Task StartAsync(CancellationToken ct)
    {
        try
        {
            await MigrateAsync(ct);
            await CheckSettingsAsync(ct);
        }
        catch (Exception e) when (PostgresFaults.Translate(e) is { } fault)
        {
            throw fault;
        }

        await using (var insert = source.CreateCommand("INSERT INTO Setting (Name, Value) VALUES ('TokenKey', $1) ON CONFLICT DO NOTHING"))
        {
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = KeyedHash.NewKey() });
            await insert.ExecuteNonQueryAsync(ct);
        }

        symbols.UseKey(ScalarOf<string>("SELECT Value FROM Setting WHERE Name = 'TokenKey'"));
        symbols.Load();
        statistics.Begin(ScalarOf<long>("SELECT GREATEST(0, reltuples)::bigint FROM pg_class WHERE oid = 'resource'::regclass"));
        sequenceBase = SequenceBase();
        commit = new PostgresCommit(source, sequenceBase);
        await (node is null ? SoleNode.StayOutAsync(source, ct) : node.StartAsync(ct));
    }

    public override ValueTask<StoredResource?> ReadAsync(ResourceKey key, AccessPlan access, CancellationToken ct)
    {
        if (!access.SeesAll(key.Type, Interaction.Read))
            return base.ReadAsync(key, access, ct);
        ReadCache.Ticket ticket = default;
        return cache?.Find(key, node!.IsCertain, out ticket) is { } found ? new(found) : SeekAsync(key, ticket, ct);
    }

    private async ValueTask<StoredResource?> SeekAsync(ResourceKey key, ReadCache.Ticket ticket, CancellationToken ct)
    {
        try
        {
            if (await points.FindAsync(key, ct) is not { } row)
                return null;
            var read = row.Read(key, Codec);
            cache?.Keep(read, row.Owner, row.Body, ticket);
            return read;
        }
        catch (Exception e) when (PostgresFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    protected override async Task<IReadOnlyList<CurrentState>> StatesAsync(IReadOnlyList<ResourceKey> keys, bool withBodies, CancellationToken ct)
    {
        var states = new CurrentState[keys.Count];
        var others = cache?.FillIn(states, keys, withBodies, node!.IsCertain) ?? [.. Enumerable.Range(0, keys.Count)];
        if (others.Count == 0)
            return states;

        await using var connection = await OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"SELECT u.n, r.Sid, r.Version, r.Deleted, r.LastUpdated, r.Owner{(withBodies ? ", r.Body" : "")} "
            + "FROM unnest($1, $2) WITH ORDINALITY AS u (t, i, n) JOIN Resource r ON r.Type = u.t AND r.Id = u.i", connection);
        command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. others.Select(i => (short)ResourceTypes.NumberOf(keys[i].Type))] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. others.Select(i => keys[i].Id)] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            states[others[(int)reader.GetInt64(0) - 1]] = new(
                reader.GetInt64(1), reader.GetInt32(2), reader.GetInt16(3) != 0, reader.GetInt64(4), reader.GetInt64(5),
                withBodies ? Codec.Decompress(reader.GetFieldValue<byte[]>(6)) : default);
        return states;
    }

    public override long ReserveSids(int count) => sids.Reserve(count);

    public override async Task<CommitResult> CommitAsync(CommitPlan plan, CancellationToken ct)
    {
        try
        {
            var prepared = new PreparedPlan(plan);
            if (node is { IsCertain: false } && !await node.BecomesCertainAsync())
                throw new StorageUnavailableException("The database does not confirm that this node may write.");
            var result = await (cache is null ? commit!.RunAsync(prepared, ct) : cache.AroundAsync(plan, () => commit!.RunAsync(prepared, ct)));
            if (result is CommitResult.Committed)
            {
                symbols.Remember(plan);
                statistics.Written(plan.Writes.Count);
            }

            return result;
        }
        catch (PostgresException e) when (PostgresFaults.IsStale(e))
        {
            return new CommitResult.Stale("Another write came first.");
        }
        catch (Exception e) when (PostgresFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    public override async Task<bool> IsReadyAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(ct);
            await using var command = new NpgsqlCommand("SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean", connection);
            return (bool)(await command.ExecuteScalarAsync(ct))!;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    public override async Task<long> SizeInBytesAsync(CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var command = new NpgsqlCommand("SELECT pg_database_size(current_database())", connection);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    public override async ValueTask DisposeAsync()
    {
        if (node is not null)
            await node.DisposeAsync();
        await statistics.DisposeAsync();
        await numbers.DisposeAsync();
        await source.DisposeAsync();
    }

    protected override async ValueTask<IReadSession> ReadAsync(bool manyStatements, CancellationToken ct)
    {
        try
        {
            return await PostgresRead.OpenAsync(source, manyStatements, timeoutSeconds, ct);
        }
        catch (Exception e) when (PostgresFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    private async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        try
        {
            return await source.OpenConnectionAsync(ct);
        }
        catch (Exception e) when (PostgresFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    private async Task MigrateAsync(CancellationToken ct)
    {
        try
        {
            if (ScalarOf<bool>("SELECT to_regclass('schemamigration') IS NOT NULL")
                && SchemaVersion.IsCurrent(ScalarOf<string?>("SELECT COALESCE(MAX(\"MigrationId\" COLLATE \"C\"), '') FROM schemamigration"), PostgresStoreContext.NewestMigration))
                return;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            // no such database yet: the migrator makes it
        }

        await using var schema = PostgresStoreContext.Open(migratorString);
        await schema.Database.MigrateAsync(ct);
    }

    private async Task CheckSettingsAsync(CancellationToken ct)
    {
        await using var command = source.CreateCommand(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'server_version_num', 'server_encoding')");
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (name, value) = (reader.GetString(0), reader.GetString(1));
            var isRight = name switch
            {
                "server_version_num" => int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) >= 150_000,
                "synchronous_commit" => value is "on" or "remote_apply" or "remote_write",
                "server_encoding" => value == "UTF8",
                _ => value == "on",
            };
            if (!isRight)
                throw new StorageRefusedException($"PostgreSQL has {name} = {value}: acknowledged records would not be safe with it.");
        }
    }

    /// <summary>Restored into another cluster, transaction numbers may start lower: then the feed goes on above what it already holds.</summary>
    private long SequenceBase() => ScalarOf<long>(
        """
        INSERT INTO Setting (Name, Value)
        SELECT 'SequenceBase', GREATEST(0, COALESCE(MAX(Sequence), 0) - (pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 20))::text FROM Change
        ON CONFLICT (Name) DO UPDATE SET Value = GREATEST(
            Setting.Value::bigint,
            (SELECT COALESCE(MAX(Sequence), 0) FROM Change) - (pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 20))::text
        RETURNING Value::bigint
        """);

    private T ScalarOf<T>(string sql)
    {
        using var command = source.CreateCommand(sql);
        return (T)command.ExecuteScalar()!;
    }
}
