using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Schema.Postgres;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresCluster))]

namespace FhirEmr.FhirServer.Tests.Storage;

public sealed class PostgresStoreTests(PostgresCluster cluster) : StoreSuite
{
    private static readonly SemaphoreSlim TemplateGate = new(1, 1);
    private static bool hasTemplate;
    private readonly string database = "t" + Guid.NewGuid().ToString("N");
    private string? server;

    [Fact]
    public async Task Statements_are_prepared_on_their_second_use()
    {
        for (var i = 0; i < 40; i++) // on whatever connections there are
            Assert.Null(await H.ReadAsync("Patient", $"nobody{i}"));

        var prepared = await ((ResourceStore)Store).QueryAsync(
            new SqlStatement("SELECT COUNT(*) FROM pg_prepared_statements p WHERE p.statement LIKE '%JOIN Resource r ON r.Type = u.t AND r.Id = u.i WHERE%'", []), r => r.Int64(0), Ct);
        Assert.Equal(1, Assert.Single(prepared));
    }

    [Fact]
    public void The_newest_migration_is_the_one_named_in_code()
    {
        using var context = PostgresStoreContext.Open("Host=none");
        Assert.Equal(PostgresStoreContext.NewestMigration, context.Database.GetMigrations().Last());
        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task A_change_that_commits_late_is_not_missed()
    {
        await using var source = NpgsqlDataSource.Create($"{server};Database={database}");
        await using var connection = await source.OpenConnectionAsync(Ct);
        await using var slow = await connection.BeginTransactionAsync(Ct);
        await using (var command = new NpgsqlCommand("SELECT pg_current_xact_id()", connection, slow))
            await command.ExecuteNonQueryAsync(Ct);
        await H.CreateAsync("Patient", "p1");

        Assert.Empty(await Store.ChangesAsync(0, 10, SystemPlans.Work, Ct)); // something older could still appear before it
        await slow.CommitAsync(Ct);
        Assert.Single(await H.ChangesAsync(1));
    }

    [Fact]
    public async Task Two_nodes_share_numbers_and_never_keys()
    {
        await using var other = Reopen();
        await other.StartAsync(Ct);
        var number = Store.Symbols.Intern("mg");

        Assert.Equal(number, other.Symbols.Find("mg"));
        Assert.Equal(number, other.Symbols.Intern("mg"));
        Assert.Equal(Store.Symbols.ParameterNumber("Patient", "name"), other.Symbols.ParameterNumber("Patient", "name"));
        Assert.Equal([other.Symbols.Intern("g")], Store.Symbols.Where(s => s == "g"));
        Assert.NotEqual(Store.ReserveSids(10) / SidBlocks.Size, other.ReserveSids(10) / SidBlocks.Size);
    }

    private protected override async Task<IResourceStore> CreateAsync()
    {
        (server, var whyNot) = await cluster.StartAsync();
        if (server is null)
            Assert.Skip(whyNot!);

        await MakeTemplateAsync();
        await ExecuteAsync($"CREATE DATABASE {database} TEMPLATE store");
        return Reopen();
    }

    private protected override IResourceStore Reopen() => Open(database);

    private protected override async Task<IResourceStore?> LingeringAsync(int writers)
    {
        await using var source = NpgsqlDataSource.Create($"{server};Database={database};Pooling=false");
        await using var command = source.CreateCommand("""
            CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_sleep(random() * 0.03);
                IF random() < 0.1 THEN RAISE EXCEPTION 'This transaction is rolled back.'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER linger BEFORE INSERT ON Change FOR EACH ROW EXECUTE FUNCTION linger();
            """);
        await command.ExecuteNonQueryAsync(Ct);
        var node = Open(database, writers);
        await node.StartAsync(Ct);
        return node;
    }

    protected override async ValueTask CleanUpAsync()
    {
        if (server is not null)
            await ExecuteAsync($"DROP DATABASE IF EXISTS {database} WITH (FORCE)");
    }

    /// <summary>Migrates once; each test copies the empty result.</summary>
    private async Task MakeTemplateAsync()
    {
        await TemplateGate.WaitAsync(Ct);
        try
        {
            if (!hasTemplate)
                await using (var store = Open("store"))
                    await store.StartAsync(Ct);
            hasTemplate = true;
        }
        finally
        {
            TemplateGate.Release();
        }
    }

    private IResourceStore Open(string name, int connections = 1) => ResourceStoreFactory.Create(
        new StorageOptions { Provider = StorageOptions.Postgres, ConnectionString = $"{server};Database={name};Maximum Pool Size={connections}" }, NullLoggerFactory.Instance, References);

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{server};Database=postgres;Pooling=false");
        await connection.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
