using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Cache;
using FhirEmr.FhirServer.Storage.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace FhirEmr.FhirServer.Tests.Storage.Cache;

/// <summary>Two nodes on one PostgreSQL: neither answers from memory what the other has changed.</summary>
public sealed class SoleNodeTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly string name = "n" + Guid.NewGuid().ToString("N");
    private string? server;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_node_answers_from_memory_until_another_joins()
    {
        await using var first = await OpenAsync();
        var h = new StoreHarness(first);
        var sid = await h.CreateAsync("Patient", "p1");
        Assert.True(first.IsAlone);
        Assert.Equal(1, (await h.ReadAsync("Patient", "p1"))!.Version);
        await TamperAsync(sid);
        Assert.Equal(1, (await h.ReadAsync("Patient", "p1"))!.Version); // from memory: the database now says 9

        await using var second = await OpenAsync();
        Assert.False(second.IsAlone);
        Assert.False(first.IsAlone);
        Assert.Equal(9, (await h.ReadAsync("Patient", "p1"))!.Version);
    }

    [Fact]
    public async Task What_one_node_writes_the_other_reads_at_once()
    {
        await using var first = await OpenAsync();
        var h = new StoreHarness(first);
        var sid = await h.CreateAsync("Patient", "p1");
        await h.ReadAsync("Patient", "p1");
        await using var second = await OpenAsync();
        for (var version = 1; version < 20; version++)
        {
            var (writer, reader) = version % 2 == 0 ? (first, second) : (second, first);
            await new StoreHarness(writer).CommitAsync(h.Write("Patient", "p1", sid, StoreHarness.Rows(), expected: version));
            Assert.Equal(version + 1, (await reader.ReadAsync(new("Patient", "p1"), SystemPlans.Work, Ct))!.Version);
        }
    }

    [Fact]
    public async Task A_node_whose_session_was_cut_joins_again_and_writes()
    {
        await using var first = await OpenAsync();
        var h = new StoreHarness(first);
        var sid = await h.CreateAsync("Patient", "p1");
        await using (var source = NpgsqlDataSource.Create($"{server};Database={name};Pooling=false"))
        await using (var cut = source.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))
            await cut.ExecuteNonQueryAsync(Ct);

        await h.CommitAsync(h.Write("Patient", "p1", sid, StoreHarness.Rows(), expected: 1));
        Assert.Equal(2, (await h.ReadAsync("Patient", "p1"))!.Version);
        for (var waited = 0; waited < 100 && !first.IsAlone; waited++)
            await Task.Delay(100, Ct);
        Assert.True(first.IsAlone);
    }

    [Fact]
    public async Task A_node_without_a_cache_keeps_all_others_from_theirs()
    {
        await using (var without = await OpenAsync(cached: false))
            Assert.False(without.IsAlone);
        await using var first = await OpenAsync();
        Assert.False(first.IsAlone);
    }

    [Fact]
    public async Task After_a_clean_end_the_next_node_is_alone_at_once()
    {
        await (await OpenAsync()).DisposeAsync();
        await using var next = await OpenAsync();
        Assert.True(next.IsAlone);
    }

    public async ValueTask InitializeAsync()
    {
        (server, var whyNot) = await cluster.StartAsync();
        Assert.SkipWhen(server is null, whyNot ?? "");
    }

    public async ValueTask DisposeAsync()
    {
        if (server is null)
            return;
        await using var source = NpgsqlDataSource.Create($"{server};Database=postgres");
        await using var drop = source.CreateCommand($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        await drop.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task<IResourceStore> OpenAsync(bool cached = true)
    {
        var store = new PostgresStore($"{server};Database={name}", NullLoggerFactory.Instance, null, cached ? new ReadCache(1024 * 1024, BodyCodec.Shipped) : null);
        await store.StartAsync(Ct);
        return store;
    }

    /// <summary>Changes a row behind the store's back, as no program of ours would.</summary>
    private async Task TamperAsync(long sid)
    {
        await using var source = NpgsqlDataSource.Create($"{server};Database={name};Pooling=false");
        await using var command = source.CreateCommand($"UPDATE resource SET version = 9 WHERE sid = {sid}");
        await command.ExecuteNonQueryAsync(Ct);
    }
}
