using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace FhirEmr.FhirServer.Storage.Schema.Sqlite;

/// <summary>The schema on SQLite.</summary>
internal sealed class SqliteStoreContext(DbContextOptions<SqliteStoreContext> options) : DbContext(options)
{
    /// <summary>The newest migration: when the database has it, EF is not started at all.</summary>
    public const string NewestMigration = "20261129224406_Subscriptions";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        StoreModel.Describe(modelBuilder, SchemaEngine.Sqlite);
        StoreModel.Table(modelBuilder, SchemaEngine.Sqlite, "Change", ["Sequence"], t => t.Long("Sequence").Long("Sid").Int("Version"),
            e => e.IndexerProperty<long>("Sequence").ValueGeneratedOnAdd());
    }

    public static SqliteStoreContext Open(string connectionString) =>
        new(new DbContextOptionsBuilder<SqliteStoreContext>().UseSqlite(connectionString).Options);

    internal sealed class Factory : IDesignTimeDbContextFactory<SqliteStoreContext>
    {
        public SqliteStoreContext CreateDbContext(string[] args) => Open("Data Source=design.db");
    }
}
