using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Subscriptions;

/// <summary>kill -9 while resources are written and told: every acknowledged write is told, in order, under one number.</summary>
[Trait("Requirement", "R-1")]
[Trait("Requirement", "R-21")]
public abstract class SubscriptionKillTests : IDisposable
{
    protected string DataFolder { get; } = Directory.CreateTempSubdirectory("fhir-emr-told-").FullName;

    /// <summary>Settings of the store under test, or why there is none.</summary>
    protected abstract Task<(string[] Settings, string? WhyNot)> StoreAsync();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_acknowledged_write_is_told_through_a_kill()
    {
        var (settings, whyNot) = await StoreAsync();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        await using var receiver = await Receiver.StartAsync();
        var written = new ConcurrentBag<string>();
        await using (var server = await ServerProcess.ServeAsync(settings))
        {
            var body = $$"""{"resourceType":"Subscription","status":"requested","reason":"test","criteria":"Patient?family=Killed","channel":{"type":"rest-hook","endpoint":"{{receiver.Url}}/killed","payload":"application/fhir+json"} }""";
            using var subscribed = await server.Http.PostAsync(server.BaseUrl + "/Subscription", Json(body), Ct);
            Assert.Equal(201, (int)subscribed.StatusCode);
            var writing = Enumerable.Range(0, 4).Select(_ => Task.Run(() => WriteAsync(server, written, int.MaxValue), Ct)).ToArray();
            await receiver.WaitAsync("killed", 60);
            await server.KillAsync();
            await Task.WhenAll(writing);
        }

        await using var again = await ServerProcess.ServeAsync(settings);
        await WriteAsync(again, written, 5);
        var all = await again.CountAsync("Patient?family=Killed"); // those whose answer was cut off, too
        Assert.True(all >= written.Count && written.Count > 60);
        var taken = (await receiver.WaitAsync("killed", all, r => r.Number > 0)).ToList();
        while (taken.DistinctBy(t => t.Number).Count() < all)
            taken = [.. await receiver.WaitAsync("killed", taken.Count + 1)];

        var first = taken.DistinctBy(t => t.Number).ToList();
        Assert.Equal(Enumerable.Range(1, all), first.Select(t => t.Number));
        Assert.Equal(all, first.Select(t => t.Path).Distinct().Count());
        Assert.Equal(first.Count, taken.Select(t => (t.Number, t.Path)).Distinct().Count()); // what was told again is the same
        Assert.Superset(written.ToHashSet(), first.Select(t => t.Path.Split('/')[^1]).ToHashSet());
    }

    public void Dispose()
    {
        Directory.Delete(DataFolder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static async Task WriteAsync(ServerProcess server, ConcurrentBag<string> written, int count)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                using var response = await server.Http.PostAsync(server.BaseUrl + "/Patient", Json("""{"resourceType":"Patient","name":[{"family":"Killed"}] }"""), Ct);
                if (!response.IsSuccessStatusCode)
                    return;
                written.Add((string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!["id"]!);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            // The server was killed.
        }
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/fhir+json");
}

public sealed class SqliteSubscriptionKillTests : SubscriptionKillTests
{
    protected override Task<(string[] Settings, string? WhyNot)> StoreAsync() =>
        Task.FromResult<(string[], string?)>((["--Storage:Provider", "sqlite", "--Storage:DataFolder", DataFolder], null));
}

public sealed class PostgresSubscriptionKillTests(PostgresCluster cluster) : SubscriptionKillTests
{
    protected override async Task<(string[] Settings, string? WhyNot)> StoreAsync() => await cluster.StartAsync() is (var server, var whyNot) && server is null
        ? ([], whyNot)
        : (["--Storage:Provider", "postgres", "--Storage:DataFolder", DataFolder, "--Storage:ConnectionString", await ServerFixture.NewDatabaseAsync(server!)], null);
}
