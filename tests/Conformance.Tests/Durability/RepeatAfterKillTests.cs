using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Durability;

/// <summary>kill -9, then the client sends again under the same Idempotency-Key; and work accepted with 202 goes on after the restart.</summary>
public abstract class RepeatAfterKillTests : IDisposable
{
    private const int Keys = 12;

    protected string DataFolder { get; } = Directory.CreateTempSubdirectory("fhir-emr-repeat-").FullName;

    /// <summary>Settings of the store under test, or why there is none.</summary>
    protected abstract Task<(string[] Settings, string? WhyNot)> StoreAsync();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repeated_request_is_done_exactly_once_whenever_the_server_was_killed()
    {
        var (settings, whyNot) = await StoreAsync();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");

        for (var round = 0; round < 2; round++)
        {
            var first = new string?[Keys];
            await using (var server = await ServerProcess.ServeAsync(settings))
            {
                var posting = Task.WhenAll(Enumerable.Range(0, Keys).Select(async i => first[i] = await TryPostAsync(server, Key(round, i))));
                while (first.All(f => f is null) && !posting.IsCompleted)
                    await Task.Delay(1, Ct);
                await server.KillAsync();
                await posting;
            }

            Assert.Contains(first, f => f is not null);
            await using var again = await ServerProcess.ServeAsync(settings);
            for (var i = 0; i < Keys; i++)
            {
                var repeated = await TryPostAsync(again, Key(round, i));
                Assert.NotNull(repeated);
                Assert.True(first[i] is null || first[i] == repeated, $"{first[i]}\n{repeated}");
                Assert.Equal(1, await again.CountAsync($"Patient?identifier=urn:repeat|{Key(round, i)}"));
            }
        }
    }

    [Fact]
    public async Task A_bundle_accepted_with_202_runs_exactly_once_through_a_kill()
    {
        var (settings, whyNot) = await StoreAsync();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        var jobs = new List<(string Path, string Value)>();
        await using (var server = await ServerProcess.ServeAsync(settings))
        {
            for (var i = 0; i < 6; i++)
            {
                var value = $"job-{i}";
                using var request = Request(server.BaseUrl, Transaction(value, 150), ("Prefer", "respond-async"));
                using var response = await server.Http.SendAsync(request, Ct);
                Assert.Equal(202, (int)response.StatusCode);
                jobs.Add((response.Content.Headers.ContentLocation!.AbsolutePath, value));
            }

            await server.KillAsync();
        }

        await using var again = await ServerProcess.ServeAsync(settings);
        foreach (var (path, value) in jobs)
        {
            var entry = JsonNode.Parse(await DoneAsync(again, path))!["entry"]![0]!;
            Assert.Equal("200", entry["response"]!["status"]!.GetValue<string>());
            Assert.Equal(150, entry["resource"]!["entry"]!.AsArray().Count);
            Assert.Equal(150, await again.CountAsync($"Patient?identifier=urn:repeat|{value}"));
        }
    }

    [Fact]
    public async Task An_export_goes_on_where_a_kill_left_it_and_has_every_resource_once()
    {
        var (settings, whyNot) = await StoreAsync();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        const int patients = 12 * 900;
        string path;
        var written = new HashSet<string>();
        await using (var server = await ServerProcess.ServeAsync(settings))
        {
            for (var i = 0; i < 12; i++)
            {
                using var load = Request(server.BaseUrl, Transaction("export", 900));
                using var loaded = await server.Http.SendAsync(load, Ct);
                Assert.Equal(200, (int)loaded.StatusCode);
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, server.BaseUrl + "/$export?_type=Patient");
            request.Headers.TryAddWithoutValidation("Prefer", "respond-async");
            using var response = await server.Http.SendAsync(request, Ct);
            Assert.Equal(202, (int)response.StatusCode);
            path = response.Content.Headers.ContentLocation!.AbsolutePath;
        }

        for (var kills = 0; kills < 3; kills++)
        {
            await using var server = await ServerProcess.ServeAsync(settings);
            var root = new Uri(server.BaseUrl).GetLeftPart(UriPartial.Authority);
            for (var before = written.Count; before == written.Count;)
            {
                using var status = await server.Http.GetAsync(root + path, Ct);
                if ((int)status.StatusCode != 202)
                    break;
                written.Add(status.Headers.GetValues("X-Progress").Single());
            }

            await server.KillAsync();
        }

        await using var last = await ServerProcess.ServeAsync(settings);
        var manifest = JsonNode.Parse(await DoneAsync(last, path))!;
        var ids = new List<string>();
        foreach (var file in manifest["output"]!.AsArray())
        {
            var text = await last.Http.GetStringAsync(file!["url"]!.GetValue<string>(), Ct);
            ids.AddRange(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!["id"]!.GetValue<string>()));
        }

        Assert.Equal((patients, patients), (ids.Count, ids.Distinct().Count()));
    }

    public void Dispose()
    {
        Directory.Delete(DataFolder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static string Key(int round, int i) => $"r{round}-{i}";

    private static string Transaction(string value, int entries) => $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{string.Join(',', Enumerable.Repeat(
        $$$"""{"resource":{"resourceType":"Patient","identifier":[{"system":"urn:repeat","value":"{{{value}}}"}]},"request":{"method":"POST","url":"Patient"}}""", entries))}}] }""";

    /// <summary>The acknowledged answer; null when the server went away first.</summary>
    private static async Task<string?> TryPostAsync(ServerProcess server, string key)
    {
        try
        {
            // Every second one is a transaction, so that both kinds meet the kill.
            using var request = key[^1] % 2 == 0
                ? Request(server.BaseUrl, Transaction(key, 1), ("Idempotency-Key", key))
                : Request(server.BaseUrl + "/Patient", $$"""{"resourceType":"Patient","identifier":[{"system":"urn:repeat","value":"{{key}}"}] }""", ("Idempotency-Key", key));
            using var response = await server.Http.SendAsync(request, Ct);
            var body = await response.Content.ReadAsStringAsync(Ct);
            return response.IsSuccessStatusCode ? $"{(int)response.StatusCode} {response.Headers.ETag} {WithoutPort(body)}" : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            return null;
        }
    }

    // Links carry the address the client wrote, and a restarted server has another port.
    private static string WithoutPort(string body) => System.Text.RegularExpressions.Regex.Replace(body, "127\\.0\\.0\\.1:[0-9]+", "host");

    private static async Task<string> DoneAsync(ServerProcess server, string path)
    {
        var root = new Uri(server.BaseUrl).GetLeftPart(UriPartial.Authority);
        while (true)
        {
            using var response = await server.Http.GetAsync(root + path, Ct);
            if ((int)response.StatusCode != 202)
            {
                Assert.Equal(200, (int)response.StatusCode);
                return await response.Content.ReadAsStringAsync(Ct);
            }

            await Task.Delay(200, Ct);
        }
    }

    private static HttpRequestMessage Request(string url, string body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/fhir+json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }
}

public sealed class SqliteRepeatAfterKillTests : RepeatAfterKillTests
{
    protected override Task<(string[] Settings, string? WhyNot)> StoreAsync() =>
        Task.FromResult<(string[], string?)>((["--Storage:Provider", "sqlite", "--Storage:DataFolder", DataFolder], null));
}

public sealed class PostgresRepeatAfterKillTests(PostgresCluster cluster) : RepeatAfterKillTests
{
    protected override async Task<(string[] Settings, string? WhyNot)> StoreAsync() => await cluster.StartAsync() is (var server, var whyNot) && server is null
        ? ([], whyNot)
        : (["--Storage:Provider", "postgres", "--Storage:DataFolder", DataFolder, "--Storage:ConnectionString", await ServerFixture.NewDatabaseAsync(server!)], null);
}
