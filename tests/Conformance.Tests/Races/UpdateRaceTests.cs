using System.Globalization;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Races;

/// <summary>32 clients on one resource: versions are gapless, If-Match has one winner, and each answer fits one order of all (reliability ).</summary>
public abstract class UpdateRaceTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string id = "u" + Guid.NewGuid().ToString("N");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_updates_that_expect_the_same_version_one_wins()
    {
        Assert.Equal(201, (await PutAsync("first")).Status);
        for (var version = 1; version < 5; version++)
        {
            var replies = await Crowd.RunAsync(i => PutAsync($"v{version}c{i}", ("If-Match", $"W/\"{version}\"")));
            Assert.Equal(1, replies.Count(r => r.Status == 200));
            Assert.All(replies, r => Assert.True(r.Status is 200 or 412 or 409, r.Body));
        }

        await Versions.CheckAsync(Server, $"Patient/{id}", 5);
    }

    [Fact]
    public async Task Of_creates_under_one_id_that_expect_nothing_one_wins()
    {
        var replies = await Crowd.RunAsync(i => PutAsync($"c{i}", ("If-None-Match", "*")));

        Assert.Equal(1, replies.Count(r => r.Status == 201));
        Assert.All(replies, r => Assert.True(r.Status is 201 or 412 or 409, r.Body));
        await Versions.CheckAsync(Server, $"Patient/{id}", 1);
    }

    [Fact]
    public async Task Updates_without_a_condition_are_a_version_each()
    {
        var replies = await Crowd.RunAsync(i => PutAsync($"c{i}"));

        Assert.Equal(1, replies.Count(r => r.Status == 201));
        Assert.All(replies, r => Assert.True(r.Status is 200 or 201, r.Body));
        Assert.Equal(Enumerable.Range(1, Crowd.Size), replies.Select(Versions.Of).Order());
        await Versions.CheckAsync(Server, $"Patient/{id}", Crowd.Size);
    }

    [Fact]
    public async Task Creates_deletes_and_recreates_leave_no_gap()
    {
        var replies = await Crowd.RunAsync(async i =>
        {
            var all = new List<Reply>();
            foreach (var round in Enumerable.Range(0, 4))
                all.Add((i + round) % 2 == 0 ? await PutAsync($"c{i}r{round}") : await Server.DeleteAsync($"Patient/{id}"));
            return all;
        });

        Assert.All(replies.SelectMany(r => r), r => Assert.True(r.Status is 200 or 201 or 204, r.Body));
        var history = (await Server.GetAsync($"Patient/{id}/_history?_count=0")).Json["total"]!.GetValue<int>();
        await Versions.CheckAsync(Server, $"Patient/{id}", history);
    }

    /// <summary>Linearisability of one resource: an operation that began after another ended sees it; each reading is what that version was written as.</summary>
    [Fact]
    public async Task Reads_and_updates_fit_one_order_that_respects_time()
    {
        await PutAsync("start");
        var histories = await Crowd.RunAsync(async i =>
        {
            var own = new List<(int Version, string Text, bool IsWrite, long From, long To)>();
            foreach (var round in Enumerable.Range(0, 6))
            {
                var isWrite = (i + round) % 3 == 0;
                var text = $"c{i}r{round}";
                var (reply, from, to) = await Crowd.TimedAsync(() => isWrite ? PutAsync(text) : i % 2 == 0 ? Server.GetAsync($"Patient/{id}") : SearchAsync());
                Assert.True(reply.Status == 200, reply.Body);
                own.Add((reply.Json["meta"]!["versionId"]!.GetValue<string>() is var version ? int.Parse(version, CultureInfo.InvariantCulture) : 0, reply.Json["name"]![0]!["family"]!.GetValue<string>(), isWrite, from, to));
            }

            return own;
        });

        var operations = histories.SelectMany(h => h).ToArray();
        var written = operations.Where(o => o.IsWrite).ToDictionary(o => o.Version, o => o.Text);
        written[1] = "start";
        Assert.Equal(Enumerable.Range(1, written.Count), written.Keys.Order());
        Assert.All(operations, o => Assert.Equal(written[o.Version], o.Text));
        foreach (var later in operations)
            foreach (var earlier in operations.Where(e => e.To < later.From))
                Assert.True(later.IsWrite ? later.Version > earlier.Version : later.Version >= earlier.Version,
                    $"Version {later.Version} was answered to an operation that began after version {earlier.Version} had been.");
    }

    private Task<Reply> PutAsync(string family, params (string, string)[] headers) =>
        Server.PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","name":[{"family":"{{family}}"}]}""", headers);

    /// <summary>The resource by a search, as if it had been read.</summary>
    private async Task<Reply> SearchAsync()
    {
        Ct.ThrowIfCancellationRequested();
        var found = await Server.GetAsync($"Patient?_id={id}");
        return found with { Body = (found.Entries.Single()["resource"] as JsonObject)!.ToJsonString() };
    }
}

public sealed class SqliteUpdateRaceTests(SqliteServer server) : UpdateRaceTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresUpdateRaceTests(PostgresServer server) : UpdateRaceTests(server), IClassFixture<PostgresServer>;
