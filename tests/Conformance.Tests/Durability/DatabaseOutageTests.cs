using System.Collections.Concurrent;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;
using Npgsql;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>The database is stopped, out of connections, or hangs: 503 in bounded time, life goes on by itself, nothing acknowledged is lost (reliability F6).</summary>
public sealed class DatabaseOutageTests : IAsyncLifetime
{
    private readonly PostgresCluster cluster = new(); // of our own: the others must not feel it
    private readonly ConcurrentDictionary<string, int> answered = new();
    private string? address;
    private string? whyNot;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (address, whyNot) = await cluster.StartAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task While_it_is_stopped_every_request_gets_503_and_afterwards_all_goes_on()
    {
        await using var server = await ServeAsync();
        var database = await DatabaseServer.OfAsync(address!);
        using var stop = new CancellationTokenSource();
        var posting = PostAsync(server, stop.Token);
        await AcknowledgedAsync(1, posting);
        await database.StopAsync();

        await IsAwayAsync(server);
        await database.StartAsync();
        await server.BecomesReadyAsync();
        await AcknowledgedAsync(answered.Count(a => a.Value == 201) + 1, posting);
        await stop.CancelAsync();
        await posting;
        await NothingIsLostAsync(server);
    }

    [Fact]
    public async Task Without_a_free_connection_it_is_503_and_afterwards_all_goes_on()
    {
        Assert.SkipWhen(address is null, whyNot ?? "");
        await using (var settings = await DatabaseServer.ConnectAsync(address!))
        await using (var few = new NpgsqlCommand("ALTER SYSTEM SET max_connections = 20", settings))
            await few.ExecuteNonQueryAsync(Ct);
        await (await DatabaseServer.OfAsync(address!)).RestartAsync();
        NpgsqlConnection.ClearAllPools();
        await using var server = await ServeAsync();
        Assert.Equal(201, (await server.StoreAsync("before")).Status);

        var taken = new List<NpgsqlConnection> { await DatabaseServer.ConnectAsync(address!) };
        try
        {
            for (var free = 0; free < 3;) // those that the server loses are taken before it has them again
            {
                await using (var end = new NpgsqlCommand("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'fhir-emr'", taken[0]))
                    free = (long)(await end.ExecuteScalarAsync(Ct))! == 0 ? free + 1 : 0;
                try
                {
                    while (true)
                        taken.Add(await DatabaseServer.ConnectAsync(address!));
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections)
                {
                    await Task.Delay(20, Ct);
                }
            }

            await IsAwayAsync(server);
        }
        finally
        {
            foreach (var connection in taken)
                await connection.DisposeAsync();
        }

        await server.BecomesReadyAsync();
        Assert.Equal(201, (await server.StoreAsync("after")).Status);
        Assert.Equal((1, 1), (await server.CountAsync("before"), await server.CountAsync("after")));
    }

    [Fact]
    public async Task While_it_hangs_requests_end_with_their_time_and_afterwards_all_goes_on()
    {
        await using var server = await ServeAsync();
        var database = await DatabaseServer.OfAsync(address!);
        Assert.Equal(201, (await server.StoreAsync("before")).Status);
        (int Status, Reply Reply)[] writes;
        await using (await database.PauseAsync())
        {
            await IsAwayAsync(server);
            writes = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => server.StoreAsync($"during{i}")));
            Assert.All(writes, w => Assert.True(w.Status is 503 or 504, w.Reply.Body));
        }

        await server.BecomesReadyAsync();
        Assert.Equal(201, (await server.StoreAsync("after")).Status);
        Assert.Equal((1, 1), (await server.CountAsync("before"), await server.CountAsync("after")));
        for (var i = 0; i < writes.Length; i++)
            Assert.InRange(await server.CountAsync($"during{i}"), 0, 1); // wholly or not at all
    }

    private async Task<DatabaseServerFixture> ServeAsync()
    {
        Assert.SkipWhen(address is null, whyNot ?? "");
        var server = new DatabaseServerFixture(await ServerFixture.NewDatabaseAsync(address!) + ";Timeout=3");
        await server.InitializeAsync();
        return server;
    }

    /// <summary>Reads and writes are refused with the time to come back, readiness fails, and the process lives.</summary>
    private static async Task IsAwayAsync(DatabaseServerFixture server)
    {
        foreach (var reply in (Reply[])[await server.GetAsync("Patient?identifier=urn:fault|x"), await server.GetAsync("Patient/none"), (await server.StoreAsync("never")).Reply])
        {
            Assert.True(reply.Status is 503 or 504, reply.Body);
            Assert.True(reply.Status == 504 || reply.Headers.ContainsKey("Retry-After"), reply.Body);
            Assert.Equal("OperationOutcome", reply.Json["resourceType"]!.GetValue<string>());
            Assert.DoesNotContain("Npgsql", reply.Body, StringComparison.OrdinalIgnoreCase);
        }

        for (var n = 0; (await server.GetAsync("../health/ready")).Status != 503; n++, await Task.Delay(100))
            Assert.True(n < 50, "It says it is ready without a database.");
        Assert.Equal(200, (await server.GetAsync("../health/live")).Status);
    }

    private Task PostAsync(DatabaseServerFixture server, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, 4).Select(client => Task.Run(async () =>
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var (status, reply) = await server.StoreAsync($"{client}-{n}");
            Assert.True(status is 201 or 503 or 504, reply.Body);
            answered[$"{client}-{n}"] = status;
        }
    }, CancellationToken.None)));

    private async Task AcknowledgedAsync(int count, Task posting)
    {
        while (answered.Count(a => a.Value == 201) < count && !posting.IsCompleted)
            await Task.Delay(5);
    }

    private async Task NothingIsLostAsync(DatabaseServerFixture server)
    {
        foreach (var (name, status) in answered)
            if (status == 201)
                Assert.True(await server.CountAsync(name) == 1, $"{name} was acknowledged and is gone.");
        Assert.Contains(answered, a => a.Value == 503);
    }
}
