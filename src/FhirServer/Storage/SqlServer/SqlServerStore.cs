using System.Text.Json;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Schema;
using FhirEmr.FhirServer.Storage.Schema.SqlServer;
using FhirEmr.FhirServer.Storage.Symbols;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Storage.SqlServer;

/// <summary>The store on SQL Server 2022 and up.</summary>
internal sealed class SqlServerStore : ResourceStore
{
    private readonly string connectionString;
    private readonly int timeoutSeconds;
    private readonly SqlServerSymbols symbols;
    private readonly SqlServerCommit commit;
    private readonly SidBlocks sids;

    public SqlServerStore(string connectionString, Func<IReferencedTargets>? references, int timeoutSeconds = 10) : base(SqlDialect.SqlServer, references)
    {
        (this.connectionString, this.timeoutSeconds) = (connectionString, timeoutSeconds);
        symbols = new SqlServerSymbols(connectionString);
        commit = new SqlServerCommit(connectionString);
        sids = new SidBlocks(() => (long)Scalar(SqlServerStatements.NextBlock)!);
    }

    public override ISymbols Symbols => symbols;

    protected override ChangeOrder ChangeFeed => SqlServerStatements.ChangeFeed;

    public override async Task StartAsync(CancellationToken ct)
    {
        // EF decides for itself what is missing: there is no file to open faster here.
        await using (var schema = SqlServerStoreContext.Open(connectionString))
        {
            if (await schema.Database.CanConnectAsync(ct))
                SchemaVersion.IsCurrent((await schema.Database.GetAppliedMigrationsAsync(ct)).LastOrDefault(), SqlServerStoreContext.NewestMigration);
            await schema.Database.MigrateAsync(ct);
        }

        await CheckSettingsAsync(ct);
        Scalar(SqlServerStatements.Setting, "TokenKey", KeyedHash.NewKey());
        symbols.UseKey((string)Scalar(SqlServerStatements.GetSetting, "TokenKey")!);
        symbols.Load();
    }

    protected override async Task<IReadOnlyList<CurrentState>> StatesAsync(IReadOnlyList<ResourceKey> keys, bool withBodies, CancellationToken ct)
    {
        var states = new CurrentState[keys.Count];
        var list = JsonSerializer.Serialize(keys.Select(k => new object[] { ResourceTypes.NumberOf(k.Type), k.Id }));
        await using var session = await ReadAsync(manyStatements: false, ct);
        await session.QueryAsync(new SqlStatement(SqlServerStatements.LookUp, [list, withBodies ? 1 : 0]), r => states[r.Int64(0)] = new(
            r.Int64(1), (int)r.Int64(2), r.Int64(3) != 0, r.Int64(4), r.Int64(5), withBodies ? Codec.Decompress(r.Blob(6)) : default), ct);
        return states;
    }

    public override long ReserveSids(int count) => sids.Reserve(count);

    public override async Task<CommitResult> CommitAsync(CommitPlan plan, CancellationToken ct)
    {
        try
        {
            var result = await commit.RunAsync(new PreparedPlan(plan), ct);
            if (result is CommitResult.Committed)
                symbols.Remember(plan);
            return result;
        }
        catch (SqlException e) when (SqlServerFaults.IsStale(e))
        {
            return new CommitResult.Stale("Another write came first.");
        }
        catch (SqlException e) when (SqlServerFaults.Translate(e) is { } fault)
        {
            // The connection may have gone after the commit arrived: the rows themselves tell.
            if (fault is StorageUnavailableException && IsWritten(plan))
                return new CommitResult.Committed();
            throw fault;
        }
    }

    public override Task<bool> IsReadyAsync(CancellationToken ct)
    {
        try
        {
            return Task.FromResult(Scalar("SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(20))") is "READ_WRITE");
        }
        catch (SqlException)
        {
            return Task.FromResult(false);
        }
    }

    public override Task<long> SizeInBytesAsync(CancellationToken ct) => Task.FromResult((long)Scalar(SqlServerStatements.Size)!);

    public override ValueTask DisposeAsync()
    {
        SqlConnection.ClearPool(new SqlConnection(connectionString));
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask<IReadSession> ReadAsync(bool manyStatements, CancellationToken ct)
    {
        try
        {
            return await SqlServerRead.OpenAsync(connectionString, manyStatements, timeoutSeconds, ct);
        }
        catch (SqlException e) when (SqlServerFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    private async Task CheckSettingsAsync(CancellationToken ct)
    {
        await using var connection = new SqlConnection(connectionString);
        await connection.OpenAsync(ct);
        await using var command = new SqlCommand(SqlServerStatements.DatabaseSettings, connection);
        var fixes = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            await reader.ReadAsync(ct);
            if (!reader.GetBoolean(0))
                fixes.Add("READ_COMMITTED_SNAPSHOT ON");
            if (reader.GetByte(1) != 1)
                fixes.Add("ALLOW_SNAPSHOT_ISOLATION ON");
            if (reader.GetString(2) != "FULL")
                fixes.Add("RECOVERY FULL");
            if (reader.GetString(3) != "DISABLED")
                fixes.Add("DELAYED_DURABILITY = DISABLED");
        }

        if (fixes.Count > 0)
            throw new StorageRefusedException(
                "SQL Server is not set to keep what is acknowledged; run: " + string.Join(" ", fixes.Select(f => $"ALTER DATABASE CURRENT SET {f};")));
    }

    private bool IsWritten(CommitPlan plan)
    {
        try
        {
            return plan.Writes.Count > 0 && plan.Writes.TrueForAll(w => Scalar(SqlServerStatements.IsWritten, w.Sid, w.Version, w.LastUpdated, w.Body) is not null);
        }
        catch (SqlException)
        {
            return false; // still away: we do not know, and say so
        }
    }

    private object? Scalar(string sql, params object[] arguments)
    {
        using var connection = new SqlConnection(connectionString);
        connection.Open();
        using var command = new SqlCommand(sql, connection);
        SqlServerArguments.Fill(command.Parameters, arguments);
        return command.ExecuteScalar();
    }
}
