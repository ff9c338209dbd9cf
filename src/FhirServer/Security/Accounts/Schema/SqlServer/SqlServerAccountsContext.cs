using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace FhirEmr.FhirServer.Security.Accounts.Schema.SqlServer;

/// <summary>The accounts on SQL Server: a schema beside the records.</summary>
internal sealed class SqlServerAccountsContext(DbContextOptions<SqlServerAccountsContext> options) : AccountsContext(options)
{
    /// <summary>The newest migration: when the database has it, the migrator is not started at all.</summary>
    public const string NewestMigration = "20261128191751_Initial";

    public const string HistoryTable = "__EFMigrationsHistory";

    /// <summary>Compares code units: to SQL Server's usual collations two client ids, role names or hashes that differ in case are one.</summary>
    private const string Ordinal = "Latin1_General_100_BIN2";

    public static DbContextOptions<SqlServerAccountsContext> Options(string connectionString) =>
        new DbContextOptionsBuilder<SqlServerAccountsContext>().UseSqlServer(connectionString, o => o.MigrationsHistoryTable(HistoryTable, Schema)).Options;

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasDefaultSchema(Schema);
        foreach (var property in builder.Model.GetEntityTypes().Where(t => !t.IsMappedToJson()).SelectMany(t => t.GetProperties()).Where(p => p.ClrType == typeof(string)))
            property.SetCollation(Ordinal);

        // Credential ids may be longer than a clustered key.
        builder.Entity<AccountPasskey>().HasKey(p => p.CredentialId).IsClustered(false);
    }

    internal sealed class Factory : IDesignTimeDbContextFactory<SqlServerAccountsContext>
    {
        public SqlServerAccountsContext CreateDbContext(string[] args) => new(Options("Server=design"));
    }
}
