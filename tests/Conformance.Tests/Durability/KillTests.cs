using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>kill -9 while several clients post transactions: after a restart every acknowledged bundle is there whole, no other in part.</summary>
public abstract class KillTests : IDisposable
{
    private const int Rounds = 2;

    protected string DataFolder { get; } = Directory.CreateTempSubdirectory("fhir-emr-kill-").FullName;

    /// <summary>Settings of the store under test, or why there is none.</summary>
    protected abstract Task<(string[] Settings, string? WhyNot)> StoreAsync();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Acknowledged_bundles_survive_whole_and_no_other_shows_in_part()
    {
        var (settings, whyNot) = await StoreAsync();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        var clients = new BundleClients();

        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await ServerProcess.ServeAsync(settings);
            var before = clients.Acknowledged;
            var posting = clients.RunAsync(server, Ct);
            while (clients.Acknowledged == before && !posting.IsCompleted)
                await Task.Delay(5, Ct);
            await Task.Delay(Random.Shared.Next(100, 1200), Ct);
            await server.KillAsync();
            await posting;
            Assert.True(clients.Acknowledged > before, server.Output);
        }

        await using var last = await ServerProcess.ServeAsync(settings);
        Assert.True(clients.Sent > clients.Acknowledged);
        await clients.CheckAsync(last);
    }

    public void Dispose()
    {
        Directory.Delete(DataFolder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

public sealed class SqliteKillTests : KillTests
{
    protected override Task<(string[] Settings, string? WhyNot)> StoreAsync() =>
        Task.FromResult<(string[], string?)>((["--Storage:Provider", "sqlite", "--Storage:DataFolder", DataFolder], null));
}

public sealed class PostgresKillTests(PostgresCluster cluster) : KillTests
{
    protected override async Task<(string[] Settings, string? WhyNot)> StoreAsync() => await cluster.StartAsync() is (var server, var whyNot) && server is null
        ? ([], whyNot)
        : (["--Storage:Provider", "postgres", "--Storage:DataFolder", DataFolder, "--Storage:ConnectionString", await ServerFixture.NewDatabaseAsync(server!)], null);
}
