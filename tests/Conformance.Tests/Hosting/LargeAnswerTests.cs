using System.Text.Json.Nodes;

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>Answers that would be too large to hold end early, and say how to go on (reliability R-42).</summary>
public abstract class LargeAnswerTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task A_page_of_large_resources_ends_early_with_a_next_link_and_the_total_is_right()
    {
        var tag = Guid.NewGuid().ToString("N");
        for (var i = 0; i < 11; i++)
            Assert.Equal(201, (await Server.PostAsync("Basic", Large(tag, 10_000))).Status);

        foreach (var query in (string[])[$"Basic?_tag={tag}&_count=8&_total=accurate", $"Basic?_tag={tag}&_count=8&_total=accurate&_sort=-_id"])
        {
            var (ids, sizes) = (new List<string>(), new List<int>());
            for (var next = query; next is not null;)
            {
                var page = await Server.GetAsync(next);
                Assert.Equal((200, 11), (page.Status, page.Json["total"]!.GetValue<int>()));
                ids.AddRange(page.Ids);
                sizes.Add(page.Ids.Count);
                next = page.Next;
            }

            Assert.Equal([3, 3, 3, 2], sizes);
            Assert.Equal(11, ids.Distinct().Count());
        }

        var history = await Server.GetAsync("Basic/_history?_count=8");
        Assert.InRange(history.Entries.Count, 1, 3);
        Assert.NotNull(history.Next);
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("transaction")]
    public async Task A_Bundle_of_wide_reads_is_answered_up_to_64_MiB_and_its_writes_are_done(string type)
    {
        var stored = await Server.PostAsync("Basic", Large("wide", 1_000_000, 10));
        Assert.Equal(201, stored.Status);
        var reads = string.Join(',', Enumerable.Repeat($$"""{"request":{"method":"GET","url":"Basic/{{stored.Id}}"} }""", 9));

        var reply = await Server.PostAsync("", $$"""
            {"resourceType":"Bundle","type":"{{type}}","entry":[{{reads}},{"resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"} }]}
            """);

        Assert.Equal(200, reply.Status);
        Assert.Equal([.. Enumerable.Repeat("200", 7), "422", "422", "201"], reply.Entries.Select(e => e["response"]!["status"]!.GetValue<string>()));
        var refused = reply.Entries[7]["response"]!["outcome"]!["issue"]![0]!;
        Assert.Equal("too-costly", refused["code"]!.GetValue<string>());
        Assert.Contains("Entry 7", refused["diagnostics"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static string Large(string tag, int size, int parts = 1) => new JsonObject
    {
        ["resourceType"] = "Basic",
        ["meta"] = new JsonObject { ["tag"] = new JsonArray(new JsonObject { ["code"] = tag }) },
        ["code"] = new JsonObject { ["coding"] = new JsonArray([.. Enumerable.Range(0, parts).Select(i => new JsonObject { ["code"] = $"c{i}", ["display"] = new string('x', size) })]) },
    }.ToJsonString();
}

/// <summary>Pages of a few kilobytes.</summary>
public sealed class SmallPagesOnSqlite() : ServerFixture(null)
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?> { ["Search:MaxPageBytes"] = "25000" };
}

public sealed class SmallPagesOnPostgres(FhirServer.Tests.Storage.PostgresCluster cluster) : ServerFixture(cluster)
{
    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?> { ["Search:MaxPageBytes"] = "25000" };
}

public sealed class SqliteLargeAnswerTests(SmallPagesOnSqlite fixture) : LargeAnswerTests(fixture), IClassFixture<SmallPagesOnSqlite>;

public sealed class PostgresLargeAnswerTests(SmallPagesOnPostgres fixture) : LargeAnswerTests(fixture), IClassFixture<SmallPagesOnPostgres>;
