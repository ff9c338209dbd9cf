using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Schema.Postgres;
using FhirEmr.FhirServer.Security.Accounts.Schema.Sqlite;
using FhirEmr.FhirServer.Security.Accounts.Schema.SqlServer;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Options;
using Microsoft.SqlServer.Dac.Model;
using Npgsql;

namespace FhirEmr.FhirServer.Tests.Security.Accounts;

/// <summary>The accounts' tables are those of the model, on each engine.</summary>
public sealed class AccountsSchemaTests(PostgresCluster cluster) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fhir-emr-accounts-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AccountsDatabase OnSqlite => new(Options.Create(new StorageOptions { DataFolder = folder }));

    [Fact]
    public void The_newest_migrations_are_those_named_in_code_and_nothing_is_missing_in_them()
    {
        using var sqlite = new SqliteAccountsContext(SqliteAccountsContext.Options("Data Source=none.db"));
        using var postgres = new PostgresAccountsContext(PostgresAccountsContext.Options("Host=none"));
        using var sqlServer = new SqlServerAccountsContext(SqlServerAccountsContext.Options("Server=none"));

        Assert.Equal(SqliteAccountsContext.NewestMigration, sqlite.Database.GetMigrations().Last());
        Assert.Equal(PostgresAccountsContext.NewestMigration, postgres.Database.GetMigrations().Last());
        Assert.Equal(SqlServerAccountsContext.NewestMigration, sqlServer.Database.GetMigrations().Last());
        foreach (var context in (AccountsContext[])[sqlite, postgres, sqlServer])
            Assert.False(context.Database.HasPendingModelChanges(), context.GetType().Name);
    }

    [Fact]
    public void The_script_that_makes_a_new_file_is_what_the_migrations_say()
    {
        using var sqlite = new SqliteAccountsContext(SqliteAccountsContext.Options("Data Source=none.db"));

        var script = sqlite.GetService<IMigrator>().GenerateScript(); // dotnet ef migrations script -c SqliteAccountsContext writes it anew

        Assert.Equal(script.ReplaceLineEndings("\n").TrimEnd(), SqliteAccountsContext.Script.ReplaceLineEndings("\n").TrimEnd());
    }

    [Fact]
    public void The_script_for_SQL_Server_compiles()
    {
        using var context = new SqlServerAccountsContext(SqlServerAccountsContext.Options("Server=none"));
        var migrations = context.GetService<IMigrationsAssembly>();
        var runtime = context.GetService<IModelRuntimeInitializer>();
        var generator = context.GetService<IMigrationsSqlGenerator>();
        using var model = new TSqlModel(SqlServerVersion.Sql160, new TSqlModelOptions { Collation = "Latin1_General_100_CI_AS" });
        model.AddObjects($"CREATE SCHEMA [{AccountsContext.Schema}];");
        var commands = migrations.Migrations.Values.Select(m => migrations.CreateMigration(m, context.Database.ProviderName!))
            .SelectMany(m => generator.Generate(m.UpOperations, runtime.Initialize(m.TargetModel, designTime: true))).Select(c => c.CommandText)
            .Where(sql => !sql.Contains("CREATE SCHEMA", StringComparison.Ordinal)).ToList();
        foreach (var sql in commands)
            model.AddObjects(sql);
        model.AddObjects($"CREATE PROCEDURE OwnRoles AS {AccountsDatabase.OwnRoles(AccountsContext.Schema + ".")}");

        Assert.True(commands.Count(sql => sql.StartsWith("CREATE TABLE", StringComparison.Ordinal)) >= 20);
        Assert.Empty(model.Validate().Select(m => $"{m.MessageType} {m.Prefix}{m.Number}: {m.Message}"));
    }

    [Fact]
    public async Task A_file_is_made_once_for_its_owner_alone_and_commits_reach_the_disk()
    {
        using (var first = OnSqlite)
            await first.StartAsync(Ct);
        using var second = OnSqlite;
        await second.StartAsync(Ct);

        Assert.Empty(await second.OwnRolesAsync(Ct));
        await using var accounts = second.CreateDbContext();
        Assert.Equal(0, await accounts.Users.CountAsync(Ct));
        Assert.Equal(2, await accounts.Database.SqlQueryRaw<long>("SELECT synchronous AS Value FROM pragma_synchronous").SingleAsync(Ct));
        Assert.Equal("wal", await accounts.Database.SqlQueryRaw<string>("SELECT journal_mode AS Value FROM pragma_journal_mode").SingleAsync(Ct));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, AccountsDatabase.FileName)));
    }

    [Fact]
    public async Task A_start_that_was_killed_in_the_midst_of_a_migration_does_not_hang_the_next_one()
    {
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder, AccountsDatabase.FileName)}"))
        {
            await connection.OpenAsync(Ct);
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE __EFMigrationsLock (Id INTEGER PRIMARY KEY, Timestamp TEXT NOT NULL); INSERT INTO __EFMigrationsLock VALUES (1, 'then')";
            await command.ExecuteNonQueryAsync(Ct);
        }

        using var database = OnSqlite;
        await database.StartAsync(Ct).WaitAsync(TimeSpan.FromMinutes(2), Ct);
    }

    [Fact]
    public async Task Tables_of_a_newer_program_are_refused()
    {
        using var database = OnSqlite;
        await database.StartAsync(Ct);
        await using (var accounts = database.CreateDbContext())
            await accounts.Database.ExecuteSqlRawAsync("INSERT INTO __EFMigrationsHistory VALUES ('99990101000000_Later', '99.0.0')", Ct);

        var refusal = await Assert.ThrowsAsync<StorageRefusedException>(() => database.StartAsync(Ct));

        Assert.Contains("newer than this program knows", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_PostgreSQL_they_are_in_a_schema_of_their_own()
    {
        var (server, whyNot) = await cluster.StartAsync();
        Assert.SkipWhen(server is null, whyNot ?? "");
        await using (var admin = new NpgsqlConnection($"{server};Database=postgres"))
        {
            await admin.OpenAsync(Ct);
            await new NpgsqlCommand("CREATE DATABASE accounts_schema", admin).ExecuteNonQueryAsync(Ct);
        }

        var options = Options.Create(new StorageOptions { Provider = StorageOptions.Postgres, ConnectionString = $"{server};Database=accounts_schema", DataFolder = folder });
        using var database = new AccountsDatabase(options);
        await database.StartAsync(Ct);
        await database.StartAsync(Ct); // the second time asks and does nothing

        await using var accounts = database.CreateDbContext();
        var tables = await accounts.Database.SqlQueryRaw<string>("SELECT table_name::text AS \"Value\" FROM information_schema.tables WHERE table_schema = 'accounts'").ToListAsync(Ct);
        Assert.Contains("account", tables);
        Assert.Contains("openiddicttokens", tables);
        Assert.Empty(await database.OwnRolesAsync(Ct));
        Assert.Equal(0, await accounts.Sessions.CountAsync(Ct));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }
}
