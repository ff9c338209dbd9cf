using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Security.Audit;

/// <summary>kill -9 while clients write and read: what was acknowledged has its row, and the chain goes on and verifies.</summary>
[Trait("Requirement", "S-51"), Trait("Requirement", "S-53"), Trait("R", "2")]
public abstract class AuditKillTests : IDisposable
{
    protected string DataFolder { get; } = Directory.CreateTempSubdirectory("fhir-emr-audit-kill-").FullName;

    protected abstract Task<(string[] Settings, string? WhyNot)> StoreAsync();

    [Fact]
    public async Task Every_acknowledged_request_has_its_row_after_a_kill()
    {
        var (settings, whyNot) = await StoreAsync();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        var acknowledged = new ConcurrentBag<string>();
        for (var round = 0; round < 2; round++)
        {
            await using var server = await ServerProcess.ServeAsync(settings);
            var before = acknowledged.Count;
            using var stop = new CancellationTokenSource();
            var clients = Enumerable.Range(0, 4).Select(_ => ClientAsync(server, acknowledged, stop.Token)).ToArray();
            while (acknowledged.Count < before + 40 && !clients.All(c => c.IsCompleted))
                await Task.Delay(5, TestContext.Current.CancellationToken);
            await server.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(clients);
            Assert.True(acknowledged.Count >= before + 40, server.Output);
        }

        await using (var last = await ServerProcess.ServeAsync(settings))
            foreach (var request in acknowledged)
            {
                var rows = JsonNode.Parse(await last.Http.GetStringAsync($"{last.BaseUrl}/AuditEvent?entity={request}&_count=2", TestContext.Current.CancellationToken))!;
                Assert.True(rows["entry"]?.AsArray().Count > 0, $"{request} was acknowledged and has no row.");
            }

        var (exit, output) = await ServerProcess.RunAsync(["audit", "verify", .. settings]);
        Assert.True(exit == 0, output);
        Assert.Contains(" 0 findings", output, StringComparison.Ordinal);
    }

    private static async Task ClientAsync(ServerProcess server, ConcurrentBag<string> acknowledged, CancellationToken ct)
    {
        try
        {
            while (!ct.IsCancellationRequested)
            {
                var key = $"Patient/k-{Guid.NewGuid():N}";
                using var body = new StringContent($$"""{"resourceType":"Patient","id":"{{key[8..]}}"}""", Encoding.UTF8, "application/fhir+json");
                using var written = await server.Http.PutAsync($"{server.BaseUrl}/{key}", body, ct);
                if (written.IsSuccessStatusCode)
                    acknowledged.Add(key);
                var absent = $"Patient/a-{Guid.NewGuid():N}";
                using var read = await server.Http.GetAsync($"{server.BaseUrl}/{absent}", ct);
                if ((int)read.StatusCode == 404)
                    acknowledged.Add(absent);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // killed, as it was to be
        }
    }

    public void Dispose()
    {
        Directory.Delete(DataFolder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

public sealed class SqliteAuditKillTests : AuditKillTests
{
    protected override Task<(string[] Settings, string? WhyNot)> StoreAsync() =>
        Task.FromResult<(string[], string?)>((["--Storage:Provider", "sqlite", "--Storage:DataFolder", DataFolder], null));

    [Fact]
    public async Task A_changed_row_ends_the_command_with_two_and_is_named()
    {
        string[] settings = ["--Storage:Provider", "sqlite", "--Storage:DataFolder", DataFolder];
        await using (var server = await ServerProcess.ServeAsync(settings))
            Assert.Equal(200, (int)(await server.Http.GetAsync($"{server.BaseUrl}/Patient", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(0, (await ServerProcess.RunAsync(["audit", "verify", .. settings])).ExitCode);
        using (var session = FhirEmr.FhirServer.Storage.Sqlite.SqliteSession.Open(Path.Combine(DataFolder, "fhir-emr.db"), create: false, 1024))
            session.Execute("DROP TRIGGER Audit_NoUpdate; UPDATE Audit SET Body = x'7b7d' WHERE Number = (SELECT MIN(Number) FROM Audit)");
        var (exit, output) = await ServerProcess.RunAsync(["audit", "verify", .. settings]);
        Assert.True(exit == 2, output);
        Assert.Matches("changed +Row log-[0-9a-f]{16} of ", output);
    }

    [Fact]
    public async Task A_store_whose_secret_is_gone_is_not_served()
    {
        string[] settings = ["--Storage:Provider", "sqlite", "--Storage:DataFolder", DataFolder];
        Assert.Equal(0, (await ServerProcess.RunAsync(["audit", "verify", .. settings])).ExitCode);
        Assert.Equal(0, (await ServerProcess.RunAsync(["audit", "verify", .. settings])).ExitCode);
        foreach (var key in Directory.EnumerateFiles(Path.Combine(DataFolder, "keys"), "audit-*.key"))
            File.Delete(key);
        var (exit, output) = await ServerProcess.RunAsync(["audit", "verify", .. settings]);
        Assert.True(exit == 1, output);
        Assert.Contains("put it back from where keys are kept", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_of_a_store_that_has_one_cannot_be_switched_off()
    {
        string[] settings = ["--Storage:Provider", "sqlite", "--Storage:DataFolder", DataFolder];
        Assert.Equal(0, (await ServerProcess.RunAsync(["audit", "verify", .. settings])).ExitCode);
        var (exit, output) = await ServerProcess.RunAsync(["serve", "--urls", "http://127.0.0.1:0", "--Audit:Enabled=false", .. settings]);
        Assert.True(exit == 1, output);
        Assert.Contains("Audit:Enabled=false", output, StringComparison.Ordinal);
    }
}

public sealed class PostgresAuditKillTests(PostgresCluster cluster) : AuditKillTests
{
    protected override async Task<(string[] Settings, string? WhyNot)> StoreAsync() => await cluster.StartAsync() is (var server, var whyNot) && server is null
        ? ([], whyNot)
        : (["--Storage:Provider", "postgres", "--Storage:DataFolder", DataFolder, "--Storage:ConnectionString", await ServerFixture.NewDatabaseAsync(server!)], null);
}
