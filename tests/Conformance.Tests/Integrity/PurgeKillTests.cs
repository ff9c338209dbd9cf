using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>kill -9 in the middle of a patient's purge: the next start goes on with it, without anyone asking.</summary>
public abstract class PurgeKillTests : IDisposable
{
    private const int Observations = 4_000;

    protected string DataFolder { get; } = Directory.CreateTempSubdirectory("fhir-emr-purge-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected abstract Task<(string[] Settings, string? WhyNot)> StoreAsync();

    [Fact]
    public async Task A_purge_that_was_killed_is_finished_after_the_restart()
    {
        var (settings, whyNot) = await StoreAsync();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        var first = await ServerProcess.ServeAsync(settings);
        await using (first)
        {
            var observation = """{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/big"}},"request":{"method":"POST","url":"Observation"}}""";
            var bundle = """{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"big"},"request":{"method":"PUT","url":"Patient/big"}},"""
                + string.Join(',', Enumerable.Repeat(observation, Observations)) + "]}";
            using var content = new StringContent(bundle, null, "application/fhir+json");
            using var stored = await first.Http.PostAsync(first.BaseUrl, content, Ct);
            Assert.True(stored.IsSuccessStatusCode);

            var purge = first.Http.PostAsync($"{first.BaseUrl}/Patient/big/$purge", null, Ct);
            while (await first.CountAsync("Observation") == Observations)
                await Task.Delay(1, Ct);
            await first.KillAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => purge);
        }

        await using var second = await ServerProcess.ServeAsync(settings);
        while ((await second.Http.GetAsync($"{second.BaseUrl}/Patient/big", Ct)).StatusCode != System.Net.HttpStatusCode.NotFound)
            await Task.Delay(100, Ct);
        Assert.Equal(0, await second.CountAsync("Observation"));
        using var history = await second.Http.GetAsync($"{second.BaseUrl}/Observation/_history", Ct);
        Assert.Contains("\"total\":0", await history.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        var begun = (await second.Http.GetFromJsonAsync<JsonNode>($"{second.BaseUrl}/AuditEvent?entity=Patient/big&subtype=$purge", Ct))!["entry"]!.AsArray().Single()!["resource"]!;
        Assert.Equal(("begun", "demo-administrator"), (begun["outcomeDesc"]!.GetValue<string>(), begun["agent"]![0]!["who"]!["identifier"]!["value"]!.GetValue<string>()));
        Assert.Contains(begun["entity"]!.AsArray(), e => e!["role"]?["code"]?.GetValue<string>() == "1" && e["what"]!["reference"]!.GetValue<string>() == "Patient/big");
        await second.KillAsync();

        var (exitCode, output) = await ServerProcess.RunAsync(["doctor", "--data", .. settings]);
        Assert.True(exitCode == 0, output);
    }

    public void Dispose()
    {
        Directory.Delete(DataFolder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

public sealed class SqlitePurgeKillTests : PurgeKillTests
{
    protected override Task<(string[] Settings, string? WhyNot)> StoreAsync() =>
        Task.FromResult<(string[], string?)>((["--Storage:Provider", "sqlite", "--Storage:DataFolder", DataFolder], null));
}

public sealed class PostgresPurgeKillTests(PostgresCluster cluster) : PurgeKillTests
{
    protected override async Task<(string[] Settings, string? WhyNot)> StoreAsync() => await cluster.StartAsync() is (var server, var whyNot) && server is null
        ? ([], whyNot)
        : (["--Storage:Provider", "postgres", "--Storage:ConnectionString", await ServerFixture.NewDatabaseAsync((await cluster.StartAsync()).Item1!), "--Storage:DataFolder", DataFolder], null);
}
