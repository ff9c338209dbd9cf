using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>History of everything, in commit order, while others write.</summary>
public abstract class HistoryTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task Pages_of_the_whole_history_show_each_version_once_while_others_write()
    {
        var wanted = new HashSet<string>();
        foreach (var i in Enumerable.Range(0, 30))
        {
            var id = $"h{Guid.NewGuid():N}"[..20];
            await Server.PutAsync($"{(i % 2 == 0 ? "Patient" : "Group")}/{id}", Body(id, i));
            wanted.Add($"{id}/1");
        }

        var seen = new List<string>();
        for (var next = "_history?_count=7"; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            seen.AddRange(page.Entries.Where(e => e["resource"] is not null).Select(e => $"{e["resource"]!["id"]}/{e["resource"]!["meta"]!["versionId"]}"));
            next = page.Next;
            await Server.PostAsync("Patient", """{"resourceType":"Patient"}""");
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Subset(seen.ToHashSet(), wanted);
    }

    [Fact]
    public async Task The_feed_goes_on_from_where_the_history_was_asked_for_and_has_always_a_next_page()
    {
        await Server.PostAsync("Patient", """{"resourceType":"Patient"}""");
        var history = await Server.GetAsync("_history?_count=1");
        Assert.Null((await Server.GetAsync(history.Next!)).Link("feed"));
        var made = await Server.PostAsync("Patient", """{"resourceType":"Patient"}""");
        await Server.PutAsync($"Patient/{made.Id}", $$"""{"resourceType":"Patient","id":"{{made.Id}}","active":true}""");
        await Server.DeleteAsync($"Patient/{made.Id}");

        var (entries, next) = (new List<System.Text.Json.Nodes.JsonNode>(), history.Link("feed") + "&_count=2");
        for (var patience = 200; entries.Count < 3 && patience > 0; patience--)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            Assert.Equal("history", page.Json["type"]!.GetValue<string>());
            Assert.True(page.Entries.Count <= 2);
            entries.AddRange(page.Entries.Where(e => Key(e) == $"Patient/{made.Id}")); // what was not settled when the history was asked for comes, too
            Assert.Contains("_count=2", page.Next!, StringComparison.Ordinal);
            next = page.Next!;
            if (page.Entries.Count == 0)
                await Task.Delay(50, TestContext.Current.CancellationToken); // transactions of the tests beside this one hold the horizon of a whole PostgreSQL back
        }

        Assert.Equal(["POST 201", "PUT 200", "DELETE 204"], entries.Select(e => $"{e["request"]!["method"]} {e["response"]!["status"]!.GetValue<string>()[..3]}"));
        Assert.Null(entries[2]["resource"]);
        var last = await Server.GetAsync(next);
        Assert.Empty(last.Entries);
        Assert.NotNull(last.Next);
        Assert.NotEmpty((await Server.GetAsync("_history?_after=0&_count=1")).Entries);
    }

    [Fact]
    public async Task What_is_no_token_of_the_feed_is_refused()
    {
        foreach (var _ in (int[])[1, 2]) // so that the history has a page after the first
            await Server.PostAsync("Patient", """{"resourceType":"Patient"}""");
        var history = await Server.GetAsync("_history?_count=1");
        var (feed, page) = (history.Link("feed")!.Split("_after=")[1], history.Next!.Split("_page=")[1]);
        var altered = feed[..^5] + (feed[^5] == 'A' ? 'B' : 'A') + feed[^4..];
        foreach (var address in (string[])
            ["_history?_after=", "_history?_after=1", "_history?_after=-1", $"_history?_after={altered}", $"_history?_after={page}", $"_history?_page={feed}", $"_history?_after={feed}&_since=2020-01-01",
            $"_history?_after={feed}&_page={page}", $"_history?_after={feed}&_at=2020-01-01", $"Patient/_history?_after={feed}", $"_history?_after={feed}&_count=x"])
        {
            var reply = await Server.GetAsync(address);
            Assert.True(reply.Status == 400, $"{address}: {reply.Status}");
            Assert.Equal("OperationOutcome", reply.Json["resourceType"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Since_cuts_the_whole_history_at_an_instant()
    {
        await Server.PostAsync("Patient", """{"resourceType":"Patient"}""");
        await Task.Delay(20, TestContext.Current.CancellationToken);
        var first = await Server.PostAsync("Patient", """{"resourceType":"Patient"}""");
        var since = first.Json["meta"]!["lastUpdated"]!.GetValue<string>();
        await Server.DeleteAsync($"Patient/{first.Id}");
        var second = (await Server.PostAsync("Group", """{"resourceType":"Group","type":"person","actual":true}""")).Id;

        var reply = await Server.GetAsync($"_history?_since={Uri.EscapeDataString(since)}");

        Assert.Equal([$"Group/{second}", $"Patient/{first.Id}", $"Patient/{first.Id}"], reply.Entries.Select(Key));
        Assert.Equal("DELETE", reply.Entries[1]["request"]!["method"]!.GetValue<string>());
        Assert.Equal("204", reply.Entries[1]["response"]!["status"]!.GetValue<string>()[..3]);
        Assert.Null(reply.Entries[1]["resource"]);
        Assert.Empty((await Server.GetAsync("_history?_since=2099-01-01T00:00:00Z")).Entries);
    }

    [Fact]
    public async Task At_a_day_shows_what_was_current_at_some_time_of_it_and_at_an_instant_what_was_current_then()
    {
        var made = await Server.PostAsync("Patient", """{"resourceType":"Patient"}""");
        await Task.Delay(20, TestContext.Current.CancellationToken);
        var changed = await Server.PutAsync($"Patient/{made.Id}", $$"""{"resourceType":"Patient","id":"{{made.Id}}","active":true}""");
        var (then, now) = (Updated(made), Updated(changed));

        Assert.Equal(["1"], await VersionsAsync($"Patient/{made.Id}/_history?_at={then:yyyy-MM-ddTHH:mm:ss.fff}Z"));
        Assert.Equal(["2"], await VersionsAsync($"Patient/{made.Id}/_history?_at={now:yyyy-MM-ddTHH:mm:ss.fff}Z"));
        Assert.Empty(await VersionsAsync($"Patient/{made.Id}/_history?_at={then.AddMilliseconds(-1):yyyy-MM-ddTHH:mm:ss.fff}Z"));
        Assert.Equal(["2", "1"], await VersionsAsync($"Patient/{made.Id}/_history?_at={then:yyyy}"));
        Assert.Empty(await VersionsAsync($"Patient/{made.Id}/_history?_at={then.AddDays(-2):yyyy-MM-dd}"));
        Assert.Equal(["2"], await VersionsAsync($"Patient/{made.Id}/_history?_at={now.AddDays(2):yyyy-MM-dd}"));
    }

    [Fact]
    public async Task A_next_link_belongs_to_its_history_and_a_lenient_caller_is_told_what_was_left_out()
    {
        var id = (await Server.PostAsync("Patient", """{"resourceType":"Patient"}""")).Id;
        await Server.PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","active":true}""");
        var next = (await Server.GetAsync($"Patient/{id}/_history?_count=1")).Next!;

        Assert.Equal(200, (await Server.GetAsync(next)).Status);
        Assert.Equal(400, (await Server.GetAsync(next + "&_since=2020-01-01")).Status);
        Assert.Equal(400, (await Server.GetAsync($"Patient/{id}/_history?_sort=x")).Status);
        var lenient = await Server.GetAsync($"Patient/{id}/_history?_sort=x&_count=2", ("Prefer", "handling=lenient"));
        Assert.Equal($"{Server.BaseUrl}/Patient/{id}/_history?_count=2", lenient.Json["link"]![0]!["url"]!.GetValue<string>());
    }

    private async Task<string[]> VersionsAsync(string path)
    {
        var reply = await Server.GetAsync(path);
        Assert.True(reply.Status == 200, reply.Body);
        return [.. reply.Entries.Select(e => e["resource"]!["meta"]!["versionId"]!.GetValue<string>())];
    }

    private static DateTimeOffset Updated(Reply reply) =>
        DateTimeOffset.Parse(reply.Json["meta"]!["lastUpdated"]!.GetValue<string>(), CultureInfo.InvariantCulture).ToUniversalTime();

    private static string Key(System.Text.Json.Nodes.JsonNode entry) => string.Join('/', entry["fullUrl"]!.GetValue<string>().Split('/')[^2..]);

    private static string Body(string id, int i) => i % 2 == 0
        ? $$"""{"resourceType":"Patient","id":"{{id}}"}"""
        : $$"""{"resourceType":"Group","id":"{{id}}","type":"person","actual":true}""";
}

public sealed class SqliteHistoryTests(SqliteServer server) : HistoryTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresHistoryTests(PostgresServer server) : HistoryTests(server), IClassFixture<PostgresServer>;
