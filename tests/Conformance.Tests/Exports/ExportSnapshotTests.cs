using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Security.Access;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Exports;

/// <summary>An export is the record as it stood at its transactionTime, whatever is written while it runs and however often it is begun again from its last chunk.</summary>
public abstract class ExportSnapshotTests(ExportServer server) : OnServer(server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private new ExportServer Server => (ExportServer)base.Server;

    [Theory]
    [InlineData(1, 3, "")]
    [InlineData(2, 7, "")]
    [InlineData(3, 4, "&_typeFilter=Basic?code=urn:snap%7Ca")]
    [InlineData(4, 5, "&_typeFilter=Basic?subject:Patient.gender=female")]
    [InlineData(5, 2, "&_typeFilter=Basic?code=urn:snap%7Ca&_typeFilter=Basic?subject:Patient.gender=female")]
    [InlineData(6, 3, "since")]
    [InlineData(7, 50, "since")]
    public async Task Writes_meanwhile_change_nothing(int seed, int chunk, string query)
    {
        var (random, tag) = (new Random(seed), $"s{seed}");
        var record = new Dictionary<string, JsonObject>();
        var gone = new HashSet<string>();
        for (var i = 0; i < 8; i++)
            await WriteAsync($"Patient/{tag}-{i}");
        for (var i = 0; i < 40; i++)
            await WriteAsync($"Basic/{tag}-{i}");
        DateTimeOffset? since = null;
        HashSet<string> before = [];
        if (query == "since")
        {
            since = await Server.Services.GetRequiredService<IPast>().SettleAsync(Server.Clock.GetUtcNow(), Ct);
            before = [.. record.Values.Select(r => r.ToJsonString())];
            gone.Clear();
            for (var i = 0; i < 25; i++)
                await ChangeAsync();
            query = $"&_since={FhirEmr.FhirServer.Resources.FhirInstant.Format(since.Value)}";
        }

        var (progress, selection, fault) = await Server.BeginAsync(Caller.System, $"$export?_type=Patient,Basic{query}");
        Assert.Null(fault);
        var (then, deleted) = (record.ToDictionary(r => r.Key, r => r.Value), gone.ToArray());
        for (var i = 0; i < 10; i++)
            await ChangeAsync();
        progress = await Server.RunAsync(progress, selection!, chunk, async () =>
        {
            for (var i = 0; i < 3; i++)
                await ChangeAsync();
        });

        bool IsWanted(JsonObject r)
        {
            if (r["resourceType"]!.GetValue<string>() == "Patient" || query.Length == 0)
                return true;
            if (since is not null)
                return true;
            return (query.Contains("code=", StringComparison.Ordinal) && r["code"]!["coding"]![0]!["code"]!.GetValue<string>() == "a")
                || (query.Contains("gender", StringComparison.Ordinal) && r["subject"] is { } s && then.TryGetValue(s["reference"]!.GetValue<string>(), out var p) && p["gender"]!.GetValue<string>() == "female");
        }

        var expected = then.Values.Where(r => IsWanted(r) && !before.Contains(r.ToJsonString())).Select(r => r.ToJsonString()).Order(StringComparer.Ordinal);
        var got = (await Server.ReadAsync(progress)).Where(l => l["id"]!.GetValue<string>().StartsWith(tag + "-", StringComparison.Ordinal)).Select(l => l.ToJsonString()).Order(StringComparer.Ordinal);
        Assert.Equal(expected, got);
        if (since is not null)
            Assert.Equal(deleted.Order(StringComparer.Ordinal), (await Server.ReadAsync(progress, ExportFile.Deleted)).SelectMany(b => b["entry"]!.AsArray())
                .Select(e => e!["request"]!["url"]!.GetValue<string>()).Where(u => u.Contains($"/{tag}-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        Task ChangeAsync()
        {
            var key = random.Next(6) == 0 ? $"Patient/{tag}-{random.Next(8)}" : $"Basic/{tag}-{random.Next(60)}";
            return random.Next(3) == 0 && key.StartsWith("Basic", StringComparison.Ordinal) ? DeleteAsync(key) : WriteAsync(key);
        }

        async Task DeleteAsync(string key)
        {
            if (record.Remove(key))
            {
                Assert.Equal(204, (await Server.DeleteAsync(key)).Status);
                gone.Add(key);
            }
        }

        async Task WriteAsync(string key)
        {
            var id = key[(key.IndexOf('/') + 1)..];
            var body = key.StartsWith("Patient", StringComparison.Ordinal)
                ? $$"""{"resourceType":"Patient","id":"{{id}}","gender":"{{(random.Next(2) == 0 ? "female" : "male")}}","multipleBirthInteger":{{random.Next(1_000_000)}}}"""
                : $$"""{"resourceType":"Basic","id":"{{id}}","code":{"coding":[{"system":"urn:snap","code":"{{(random.Next(2) == 0 ? "a" : "b")}}"}],"text":"{{random.Next(1_000_000)}}"}{{(random.Next(4) == 0 ? "" : $$""","subject":{"reference":"Patient/{{tag}}-{{random.Next(8)}}"}""")}}}""";
            var reply = await Server.PutAsync(key, body, ("Prefer", "return=representation"));
            Assert.True(reply.Status is 200 or 201, reply.Body);
            record[key] = (JsonObject)reply.Json;
            gone.Remove(key);
        }
    }
}

public sealed class SqliteExportSnapshotTests(ExportSqlite server) : ExportSnapshotTests(server), IClassFixture<ExportSqlite>;

public sealed class PostgresExportSnapshotTests(ExportPostgres server) : ExportSnapshotTests(server), IClassFixture<ExportPostgres>;
