using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace FhirEmr.FhirServer.Security.Accounts.Schema.Postgres;

/// <summary>The accounts on PostgreSQL: a schema beside the records.</summary>
internal sealed class PostgresAccountsContext(DbContextOptions<PostgresAccountsContext> options) : AccountsContext(options)
{
    /// <summary>The newest migration: when the database has it, the migrator is not started at all.</summary>
    public const string NewestMigration = "20261128191741_Initial";

    /// <summary>Lower case, which is what PostgreSQL makes of unquoted names.</summary>
    public const string HistoryTable = "schemamigration";

    public static DbContextOptions<PostgresAccountsContext> Options(string connectionString) =>
        new DbContextOptionsBuilder<PostgresAccountsContext>().UseNpgsql(connectionString, o => o.MigrationsHistoryTable(HistoryTable, Schema)).Options;

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasDefaultSchema(Schema);
        foreach (var entity in builder.Model.GetEntityTypes().Where(t => !t.IsMappedToJson()))
        {
            entity.SetTableName(entity.GetTableName()!.ToLowerInvariant());
            foreach (var property in entity.GetProperties())
                property.SetColumnName(property.GetColumnName().ToLowerInvariant());
        }
    }

    internal sealed class Factory : IDesignTimeDbContextFactory<PostgresAccountsContext>
    {
        public PostgresAccountsContext CreateDbContext(string[] args) => new(Options("Host=design"));
    }
}
