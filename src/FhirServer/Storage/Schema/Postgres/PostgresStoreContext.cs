using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace FhirEmr.FhirServer.Storage.Schema.Postgres;

/// <summary>The schema on PostgreSQL.</summary>
internal sealed class PostgresStoreContext(DbContextOptions<PostgresStoreContext> options) : DbContext(options)
{
    /// <summary>The newest migration: when the database has it, EF is not started at all.</summary>
    public const string NewestMigration = "20261129224410_Subscriptions";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var engine = SchemaEngine.Postgres;
        StoreModel.Describe(modelBuilder, engine);
        StoreModel.Table(modelBuilder, engine, "Change", ["Sequence"], t => t.Long("Sequence").Long("Sid").Int("Version"));
        modelBuilder.HasSequence<long>("sidblock").StartsAt(0).HasMin(0).IncrementsBy(1);
        foreach (var numbered in (string[])["Symbol", "Parameter"])
            modelBuilder.SharedTypeEntity<Dictionary<string, object>>(numbered).IndexerProperty<int>("Number")
                .ValueGeneratedOnAdd().UseIdentityByDefaultColumn();
    }

    public static PostgresStoreContext Open(string connectionString) =>
        new(new DbContextOptionsBuilder<PostgresStoreContext>()
            .UseNpgsql(connectionString, o => o.MigrationsHistoryTable("schemamigration")).Options);

    internal sealed class Factory : IDesignTimeDbContextFactory<PostgresStoreContext>
    {
        public PostgresStoreContext CreateDbContext(string[] args) => Open("Host=design");
    }
}
