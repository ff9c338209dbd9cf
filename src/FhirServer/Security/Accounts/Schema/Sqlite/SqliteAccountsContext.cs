using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace FhirEmr.FhirServer.Security.Accounts.Schema.Sqlite;

/// <summary>The accounts on SQLite: a file of their own.</summary>
internal sealed class SqliteAccountsContext(DbContextOptions<SqliteAccountsContext> options) : AccountsContext(options)
{
    /// <summary>The newest migration: when the file has it, the migrator is not started at all.</summary>
    public const string NewestMigration = "20261128191732_Initial";

    /// <summary>
    /// All migrations as one script, as <c>dotnet ef migrations script</c> writes it (a test compares): a new file is made by it in milliseconds,
    /// while the migrator's start takes longer than all else at a first start.
    /// </summary>
    public static string Script
    {
        get
        {
            using var script = new StreamReader(typeof(SqliteAccountsContext).Assembly.GetManifestResourceStream($"{typeof(SqliteAccountsContext).Namespace}.Accounts.sql")!);
            return script.ReadToEnd();
        }
    }

    public static DbContextOptions<SqliteAccountsContext> Options(string connectionString) =>
        new DbContextOptionsBuilder<SqliteAccountsContext>().UseSqlite(connectionString).AddInterceptors(new EachCommitIsOnDisk()).Options;

    /// <summary>A sign-in, a revocation or a used code that was acknowledged survives a power cut.</summary>
    private sealed class EachCommitIsOnDisk : DbConnectionInterceptor
    {
        private const string Pragma = "PRAGMA synchronous=FULL;";

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = Pragma;
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = Pragma;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    internal sealed class Factory : IDesignTimeDbContextFactory<SqliteAccountsContext>
    {
        public SqliteAccountsContext CreateDbContext(string[] args) => new(Options("Data Source=design.db"));
    }
}
