using System.Globalization;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;
using Microsoft.AspNetCore.Builder;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>A custom parameter whose rows are not complete yet: right answers, honest refusals, progress everyone can see.</summary>
public abstract class SlowIndexTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string mark = "s" + Guid.NewGuid().ToString("N")[..10];

    [Fact]
    public async Task Until_it_is_indexed_searches_are_complete_and_warn_and_what_needs_all_rows_is_refused()
    {
        foreach (var i in Enumerable.Range(0, 40))
            await StoreAsync(i);
        var parameter = await CustomParameterTests.DefineAsync(Server, mark, "w", "string", "Patient.name.suffix");
        var reference = await CustomParameterTests.DefineAsync(Server, mark, "r", "reference", "Patient.generalPractitioner", "Organization");

        var found = await Server.GetAsync($"Patient?_tag={mark}&{mark}w=v1&_count=4");
        Assert.Equal(4, found.Ids.Count);
        var warning = Assert.Single(found.Entries, e => e["search"]!["mode"]!.GetValue<string>() == "outcome")["resource"]!;
        Assert.Equal("warning", warning["issue"]![0]!["severity"]!.GetValue<string>());
        Assert.Contains("being indexed", warning["issue"]![0]!["diagnostics"]!.GetValue<string>(), StringComparison.Ordinal);

        var all = found.Ids.ToList();
        for (var next = found.Next; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            all.AddRange(page.Ids);
            next = page.Next;
        }

        Assert.Equal(10, all.Distinct().Count());
        Assert.Equal(10, all.Count);
        Assert.Equal(10, (await Server.GetAsync($"Patient?_tag={mark}&{mark}w=v1&_summary=count")).Json["total"]!.GetValue<int>());
        Assert.Equal(30, (await Server.GetAsync($"Patient?_tag={mark}&{mark}w:missing=false&_summary=count")).Json["total"]!.GetValue<int>());
        Assert.Equal(10, (await Server.GetAsync($"Patient?_tag={mark}&{mark}w:missing=true&_summary=count")).Json["total"]!.GetValue<int>());

        // A write is found at once, and its update is.
        await StoreAsync(41);
        Assert.Equal(11, (await Server.GetAsync($"Patient?_tag={mark}&{mark}w=v1&_summary=count")).Json["total"]!.GetValue<int>());

        foreach (var query in new[] { $"_sort={mark}w", $"{mark}r.name=x" })
        {
            var refused = await Server.GetAsync($"Patient?_tag={mark}&{query}");
            Assert.Equal(422, refused.Status);
            Assert.Contains("still being indexed", refused.Diagnostics, StringComparison.Ordinal);
        }

        Assert.Equal(422, (await Server.GetAsync($"Organization?_revinclude=Patient:{mark}r")).Status);
        Assert.Equal(422, (await Server.GetAsync($"Organization?_has:Patient:{mark}r:_tag={mark}")).Status);
        Assert.Equal(412, (await Server.PutAsync($"Patient?{mark}w=v1", """{"resourceType":"Patient"}""")).Status);

        var metadata = (await Server.GetAsync("metadata")).Json["rest"]![0]!["resource"]!.AsArray().Single(r => r!["type"]!.GetValue<string>() == "Patient")!;
        var stated = metadata["searchParam"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == mark + "w")!;
        Assert.StartsWith("Being indexed, ", stated["documentation"]!.GetValue<string>(), StringComparison.Ordinal);
        var job = Assert.Single(CustomParameterTests.Jobs(await Server.GetAsync($"SearchParameter/{parameter}/$reindex")));
        Assert.Contains(job["state"], new[] { "waiting", "running" });
        Assert.Equal(202, (await Server.PostAsync($"SearchParameter/{reference}/$reindex", "")).Status);
    }

    private async Task StoreAsync(int i)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{mark}-{i:D3}");
        var suffix = i % 4 == 0 ? "" : $",\"suffix\":[\"v{i % 4}\"]";
        var reply = await Server.PutAsync($"Patient/{id}",
            $$$"""{"resourceType":"Patient","id":"{{{id}}}","meta":{"tag":[{"code":"{{{mark}}}"}]},"name":[{"family":"F"{{{suffix}}}}]}""");
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }
}

public sealed class SlowIndexSqlite() : SlowIndex(null);

public sealed class SlowIndexPostgres(PostgresCluster cluster) : SlowIndex(cluster);

/// <summary>A resource a step and long rests between: the index is under way as long as a test looks.</summary>
public abstract class SlowIndex(PostgresCluster? cluster) : ServerFixture(cluster)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["Search:Reindex:ChunkSize"] = "1";
        builder.Configuration["Search:Reindex:Share"] = "0.01";
    }
}

public sealed class SqliteSlowIndexTests(SlowIndexSqlite server) : SlowIndexTests(server), IClassFixture<SlowIndexSqlite>;

public sealed class PostgresSlowIndexTests(SlowIndexPostgres server) : SlowIndexTests(server), IClassFixture<SlowIndexPostgres>;

/// <summary>The reindex in a process that dies.</summary>
public sealed class ReindexKillTests
{
    [Fact]
    public async Task A_killed_reindex_goes_on_where_it_was_and_ends_with_every_row()
    {
        var folder = Directory.CreateTempSubdirectory("fhir-emr-reindex-");
        try
        {
            long reached;
            await using (var first = await ServerProcess.ServeAsync("--Storage:DataFolder", folder.FullName, "--Search:Reindex:ChunkSize", "2", "--Search:Reindex:Share", "0.1"))
            {
                for (var i = 0; i < 300; i++)
                    await PutAsync(first, $"Patient/p{i}", $$$"""{"resourceType":"Patient","id":"p{{{i}}}","name":[{"suffix":["v{{{i % 3}}}"]}]}""");
                await PutAsync(first, "SearchParameter/sp", CustomParameterTests.Definition("sp", "suffix", "string", "Patient.name.suffix"));
                do
                    reached = await DoneAsync(first);
                while (reached < 20);
                await PutAsync(first, "Patient/p0", """{"resourceType":"Patient","id":"p0","name":[{"suffix":["changed"]}]}""");
                Assert.InRange(reached, 20, 290);
                await first.KillAsync();
            }

            await using var second = await ServerProcess.ServeAsync("--Storage:DataFolder", folder.FullName);
            Assert.Equal(100, await second.CountAsync("Patient?suffix=v1")); // whatever the index has
            Assert.True(await DoneAsync(second) >= reached);
            await CustomParameterTests.UntilAsync(async () => (await second.Http.GetStringAsync($"{second.BaseUrl}/SearchParameter/sp/$reindex")).Contains("\"done\"", StringComparison.Ordinal)
                && (await second.Http.GetStringAsync($"{second.BaseUrl}/SearchParameter/sp/$reindex")).Contains("\"valueInteger\":100", StringComparison.Ordinal), "the index is complete");

            Assert.Equal(99, await second.CountAsync("Patient?suffix=v0"));
            Assert.Equal(100, await second.CountAsync("Patient?suffix=v1"));
            Assert.Equal(100, await second.CountAsync("Patient?suffix=v2"));
            Assert.Equal(1, await second.CountAsync("Patient?suffix=changed"));
            Assert.Equal(0, await second.CountAsync("Patient?suffix:missing=true"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<long> DoneAsync(ServerProcess server)
    {
        var job = System.Text.Json.Nodes.JsonNode.Parse(await server.Http.GetStringAsync($"{server.BaseUrl}/SearchParameter/sp/$reindex"))!["parameter"]![0]!["part"]!.AsArray();
        return (long)job.Single(p => p!["name"]!.GetValue<string>() == "done")!["valueDecimal"]!.GetValue<decimal>();
    }

    private static async Task PutAsync(ServerProcess server, string path, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/fhir+json");
        using var reply = await server.Http.PutAsync($"{server.BaseUrl}/{path}", content);
        Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync());
    }
}
