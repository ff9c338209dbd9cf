using System.Collections.Concurrent;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;
using Npgsql;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>A COMMIT whose answer does not come is looked up before the client is told anything (reliability R-3).</summary>
public sealed class CommitOutcomeTests(PostgresCluster cluster)
{
    [Fact]
    public async Task Committed_without_an_answer_is_still_acknowledged()
    {
        await using var proxy = await ProxyAsync();
        await using var server = await ServeAsync(proxy.Port);
        proxy.Arm(CuttingProxy.Cut.AfterCommit);

        var (status, reply) = await server.StoreAsync("committed");

        Assert.Equal(1, proxy.Cuts);
        Assert.True(status == 201, reply.Body);
        Assert.Equal(1, await server.CountAsync("committed"));
    }

    [Fact]
    public async Task Lost_before_the_commit_is_503_and_not_there()
    {
        await using var proxy = await ProxyAsync();
        await using var server = await ServeAsync(proxy.Port);
        proxy.Arm(CuttingProxy.Cut.BeforeCommit);

        var (status, reply) = await server.StoreAsync("lost");

        Assert.Equal(1, proxy.Cuts);
        Assert.True(status == 503, reply.Body);
        Assert.True(reply.Headers.ContainsKey("Retry-After"));
        Assert.Equal(0, await server.CountAsync("lost"));
        Assert.Equal(201, (await server.StoreAsync("lost")).Status);
    }

    [Fact]
    public async Task Sessions_ended_at_random_under_load_lose_nothing_acknowledged_and_leave_nothing_refused()
    {
        var port = await PortAsync();
        await using var server = await ServeAsync(port);
        var answered = new ConcurrentDictionary<string, int>();
        using var stop = new CancellationTokenSource();
        var ended = EndSessionsAsync(server.Database, stop.Token);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(client => Task.Run(async () =>
        {
            for (var n = 0; n < 80; n++)
            {
                var (status, reply) = await server.StoreAsync($"{client}-{n}");
                Assert.True(status is 201 or 503, $"{status}: {reply.Body}");
                answered[$"{client}-{n}"] = status;
            }
        })));
        await stop.CancelAsync();

        Assert.True(await ended > 0);
        Assert.Contains(answered, a => a.Value == 201);
        await server.BecomesReadyAsync();
        foreach (var (name, status) in answered)
        {
            var there = await server.CountAsync(name);
            Assert.True(status == 201 ? there == 1 : there is 0 or 1, $"{name} was answered {status} and is there {there} times.");
        }
    }

    /// <summary>Ends a session that is at work, again and again, COMMITs before others; answers how many.</summary>
    private static async Task<long> EndSessionsAsync(string connectionString, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(CancellationToken.None);
        var ended = 0L;
        while (!stop.IsCancellationRequested)
        {
            await using var end = new NpgsqlCommand("""
                SELECT COUNT(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'fhir-emr' AND state <> 'idle'
                ORDER BY query ILIKE 'COMMIT%' DESC LIMIT 1) s
                """, connection);
            ended += (long)(await end.ExecuteScalarAsync(CancellationToken.None))!;
            await Task.Delay(Random.Shared.Next(1, 20), CancellationToken.None);
        }

        return ended;
    }

    private async Task<CuttingProxy> ProxyAsync() => new(await PortAsync());

    private async Task<int> PortAsync()
    {
        var (address, whyNot) = await cluster.StartAsync();
        Assert.SkipWhen(address is null, whyNot ?? "");
        return new NpgsqlConnectionStringBuilder(address).Port;
    }

    private async Task<Server> ServeAsync(int port)
    {
        var (address, _) = await cluster.StartAsync();
        var database = await ServerFixture.NewDatabaseAsync(address!);
        var server = new DatabaseServerFixture(new NpgsqlConnectionStringBuilder(database) { Port = port }.ConnectionString);
        await server.InitializeAsync();
        await server.StoreAsync("first"); // what a server does once, it has done
        return new(server, database);
    }

    private sealed record Server(DatabaseServerFixture Fixture, string Database) : IAsyncDisposable
    {
        public Task<(int Status, Reply Reply)> StoreAsync(string name) => Fixture.StoreAsync(name);

        public Task<int> CountAsync(string name) => Fixture.CountAsync(name);

        public Task BecomesReadyAsync() => Fixture.BecomesReadyAsync();

        public ValueTask DisposeAsync() => Fixture.DisposeAsync();
    }
}
