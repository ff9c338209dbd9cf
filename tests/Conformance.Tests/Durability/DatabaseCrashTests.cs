using System.Diagnostics;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>PostgreSQL falls over under a running server and comes back: what was acknowledged is there, and the server goes on by itself.</summary>
public sealed class DatabaseCrashTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_outlives_its_database_and_keeps_what_it_acknowledged()
    {
        await using var cluster = new PostgresCluster(); // of our own: the others must not feel it
        var (address, whyNot) = await cluster.StartAsync();
        Assert.SkipWhen(address is null, whyNot ?? "");
        var folder = Directory.CreateTempSubdirectory("fhir-emr-crash-").FullName;
        var clients = new BundleClients();
        try
        {
            await using var server = await ServerProcess.ServeAsync(
                "--Storage:Provider", "postgres", "--Storage:DataFolder", folder, "--Storage:ConnectionString", await ServerFixture.NewDatabaseAsync(address!));
            using var stop = new CancellationTokenSource();
            var posting = clients.RunAsync(server, stop.Token);
            while (clients.Acknowledged == 0 && !posting.IsCompleted)
                await Task.Delay(5, Ct);
            await Task.Delay(Random.Shared.Next(100, 800), Ct);
            await (await DatabaseServer.OfAsync(address!)).RestartAsync();

            var watch = Stopwatch.StartNew();
            while (!await IsReadyAsync(server))
            {
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), "Not ready 10 s after the database came back: " + server.Output);
                await Task.Delay(50, Ct);
            }

            var before = clients.Acknowledged;
            while (clients.Acknowledged == before && watch.Elapsed < TimeSpan.FromSeconds(20))
                await Task.Delay(20, Ct);
            await stop.CancelAsync();
            await posting;

            Assert.True(clients.Acknowledged > before, "Nothing is stored any more: " + server.Output);
            await clients.CheckAsync(server);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<bool> IsReadyAsync(ServerProcess server)
    {
        try
        {
            using var response = await server.Http.GetAsync(server.BaseUrl.Replace("/fhir", "/health/ready", StringComparison.Ordinal), Ct);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException e)
        {
            throw new InvalidOperationException("The server is gone: " + server.Output, e);
        }
    }
}
