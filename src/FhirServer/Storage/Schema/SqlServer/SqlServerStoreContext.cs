using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace FhirEmr.FhirServer.Storage.Schema.SqlServer;

/// <summary>The schema on SQL Server.</summary>
internal sealed class SqlServerStoreContext(DbContextOptions<SqlServerStoreContext> options) : DbContext(options)
{
    /// <summary>The newest migration: when the database has it, EF is not started at all.</summary>
    public const string NewestMigration = "20261129224413_Subscriptions";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var engine = SchemaEngine.SqlServer;
        StoreModel.Describe(modelBuilder, engine);

        // The row's own rowversion orders the feed: MIN_ACTIVE_ROWVERSION tells below which nothing can still appear.
        StoreModel.Table(modelBuilder, engine, "Change", ["Number"], t => t.Long("Number").Long("Sid").Int("Version"), e =>
        {
            e.IndexerProperty<long>("Number").ValueGeneratedOnAdd().UseIdentityColumn();
            e.IndexerProperty<byte[]>("Stamp").IsRowVersion();
            e.HasIndex("Stamp").IsUnique();
        });
        modelBuilder.HasSequence<long>("SidBlock").StartsAt(0).IncrementsBy(1);
        foreach (var numbered in (string[])["Symbol", "Parameter"])
            modelBuilder.SharedTypeEntity<Dictionary<string, object>>(numbered).IndexerProperty<int>("Number").ValueGeneratedOnAdd().UseIdentityColumn();
    }

    public static SqlServerStoreContext Open(string connectionString) =>
        new(new DbContextOptionsBuilder<SqlServerStoreContext>().UseSqlServer(connectionString).Options);

    internal sealed class Factory : IDesignTimeDbContextFactory<SqlServerStoreContext>
    {
        public SqlServerStoreContext CreateDbContext(string[] args) => Open("Server=design");
    }
}
