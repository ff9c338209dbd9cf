using System.Data.Common;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Schema.Postgres;
using FhirEmr.FhirServer.Security.Accounts.Schema.Sqlite;
using FhirEmr.FhirServer.Security.Accounts.Schema.SqlServer;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Schema;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FhirEmr.FhirServer.Security.Accounts;

/// <summary>Opens the accounts' tables, on the engine that <c>Storage</c> names, once they are up to date.</summary>
/// <remarks>Commands open it beside a running server: unlocking somebody must not need a stop.</remarks>
internal sealed class AccountsDatabase : IDbContextFactory<AccountsContext>, IDisposable
{
    public const string FileName = "accounts.db";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string provider;
    private readonly string folder;
    private readonly string connectionString;
    private readonly Lazy<Func<AccountsContext>> open;

    public AccountsDatabase(IOptions<StorageOptions> storage)
    {
        provider = storage.Value.Provider;
        folder = Path.GetFullPath(storage.Value.DataFolder);
        connectionString = provider switch
        {
            StorageOptions.Sqlite => new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, FileName) }.ConnectionString,
            StorageOptions.Postgres => PostgresPool.Sized(storage.Value.ConnectionString, PostgresPool.Accounts),
            _ => storage.Value.ConnectionString,
        };
        open = new(Opener); // EF is started by the first who signs in, not by the server's start
    }

    public AccountsContext CreateDbContext() => open.Value();

    /// <summary>Makes or migrates the tables when they are not up to date.</summary>
    /// <exception cref="StorageRefusedException">A newer program has migrated them, or another one does not come to an end.</exception>
    public Task StartAsync(CancellationToken ct) => provider switch
    {
        StorageOptions.Sqlite => StartFileAsync(ct),
        StorageOptions.Postgres => StartPostgresAsync(ct),
        _ => StartSqlServerAsync(ct),
    };

    /// <summary>The practice's own roles, asked for with plain SQL: the start must not wait for EF.</summary>
    public async Task<IReadOnlyList<Role>> OwnRolesAsync(CancellationToken ct)
    {
        await using DbConnection connection = provider switch
        {
            StorageOptions.Sqlite => new SqliteConnection(connectionString),
            StorageOptions.Postgres => new NpgsqlConnection(connectionString),
            _ => new SqlConnection(connectionString),
        };
        await connection.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText = provider == StorageOptions.Sqlite ? OwnRoles("") : OwnRoles(AccountsContext.Schema + ".");
        await using var rows = await command.ExecuteReaderAsync(ct);
        var roles = new List<Role>();
        while (await rows.ReadAsync(ct))
            roles.Add(new() { Name = rows.GetString(0), Version = rows.GetInt32(1), Permissions = rows.GetString(2), ChangedBy = rows.GetString(3) });
        return roles;
    }

    /// <summary>Without quotes, so that PostgreSQL folds the names as its tables have them.</summary>
    internal static string OwnRoles(string schema) => $"SELECT Name, Version, Permissions, ChangedBy FROM {schema}Role ORDER BY Name";

    public void Dispose()
    {
        if (provider != StorageOptions.Sqlite)
            return;
        using var connection = new SqliteConnection(connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private Func<AccountsContext> Opener()
    {
        switch (provider)
        {
            case StorageOptions.Sqlite:
                var sqlite = SqliteAccountsContext.Options(connectionString);
                return () => new SqliteAccountsContext(sqlite);
            case StorageOptions.Postgres:
                var postgres = PostgresAccountsContext.Options(connectionString);
                return () => new PostgresAccountsContext(postgres);
            default:
                var sqlServer = SqlServerAccountsContext.Options(connectionString);
                return () => new SqlServerAccountsContext(sqlServer);
        }
    }

    private async Task StartFileAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        if (IsCurrent(path))
            return;

        // A lock of the operating system ends with its process; the migrator's own, a table, would stay behind one that was killed.
        await using var alone = await ClaimAsync(Path.Combine(folder, "accounts.lock"), ct);
        if (IsCurrent(path))
            return;
        if (!File.Exists(path))
            OwnerOnly.CreateFile(path);
        await using (var connection = new SqliteConnection(connectionString))
        {
            await connection.OpenAsync(ct);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; DROP TABLE IF EXISTS __EFMigrationsLock;";
            await command.ExecuteNonQueryAsync(ct);
            command.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'Account'";
            if ((long)(await command.ExecuteScalarAsync(ct))! == 0)
            {
                command.CommandText = SqliteAccountsContext.Script;
                await command.ExecuteNonQueryAsync(ct);
                return;
            }
        }

        await using var context = CreateDbContext();
        await context.Database.MigrateAsync(ct);
    }

    /// <summary>Asks with plain SQL: starting EF takes longer than everything else together.</summary>
    private bool IsCurrent(string path)
    {
        if (!File.Exists(path))
            return false;
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE name = '__EFMigrationsHistory'";
        if ((long)command.ExecuteScalar()! == 0)
            return false;
        command.CommandText = "SELECT MAX(MigrationId) FROM __EFMigrationsHistory";
        return SchemaVersion.IsCurrent(command.ExecuteScalar() as string, SqliteAccountsContext.NewestMigration);
    }

    private static async Task<FileStream> ClaimAsync(string path, CancellationToken ct)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(50))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (waited >= Patience)
            {
                throw new StorageRefusedException($"{path} is held by another FhirEmr process that makes or migrates the accounts, and it does not come to an end.", e);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), ct);
            }
        }
    }

    private async Task StartPostgresAsync(CancellationToken ct)
    {
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            await connection.OpenAsync(ct);
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT to_regclass('{AccountsContext.Schema}.{PostgresAccountsContext.HistoryTable}') IS NOT NULL";
            if ((bool)(await command.ExecuteScalarAsync(ct))!)
            {
                command.CommandText = $"SELECT MAX(\"MigrationId\" COLLATE \"C\") FROM {AccountsContext.Schema}.{PostgresAccountsContext.HistoryTable}";
                if (SchemaVersion.IsCurrent(await command.ExecuteScalarAsync(ct) as string, PostgresAccountsContext.NewestMigration))
                    return;
            }
        }

        await using var context = CreateDbContext();
        await context.Database.MigrateAsync(ct);
    }

    private async Task StartSqlServerAsync(CancellationToken ct)
    {
        await using var context = CreateDbContext();
        SchemaVersion.IsCurrent((await context.Database.GetAppliedMigrationsAsync(ct)).LastOrDefault(), SqlServerAccountsContext.NewestMigration);
        await context.Database.MigrateAsync(ct);
    }
}
