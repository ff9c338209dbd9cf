using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.Conformance.Tests.Integrity;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>What comes along with matches, however much it is and whatever the reference looks like.</summary>
public abstract class IncludeTests(ServerFixture fixture) : OnServer(fixture)
{
    [Theory]
    [InlineData("_revinclude=Observation:subject")]
    [InlineData("_revinclude=Observation:*")]
    [InlineData("_revinclude=*")]
    [InlineData("_include=Patient:organization&_revinclude:iterate=Observation:subject&_revinclude:iterate=Patient:organization")]
    public async Task More_than_a_page_carries_comes_with_the_next_links_and_nothing_twice(string includes)
    {
        var id = "i" + Guid.NewGuid().ToString("N")[..8];
        await Put("Organization", id, "");
        foreach (var p in new[] { "-p", "-q" })
            await Put("Patient", id + p, $$$""","identifier":[{"value":"{{{id}}}"}],"managingOrganization":{"reference":"Organization/{{{id}}}"}""");
        foreach (var p in new[] { "-p", "-q" })
            await BatchAsync(1100, i => $$$"""{"resourceType":"Observation","id":"{{{id}}}{{{p}}}{{{i}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{id}}}{{{p}}}"}}""");

        var isOneMatch = includes.Contains("iterate", StringComparison.Ordinal);
        var (matches, included, pages) = (new List<string>(), new List<string>(), 0);
        for (var next = isOneMatch ? $"Patient?_id={id}-p&{includes}&_count=1" : $"Patient?identifier={id}&{includes}&_count=1"; next is not null; pages++)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            matches.AddRange(page.Ids);
            included.AddRange(page.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() == "include").Select(e => e["fullUrl"]!.GetValue<string>()));
            next = page.Next;
            if (pages == 0)
                await Put("Observation", $"{id}-late", $$$""","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{id}}}-p"}""");
            Assert.True(pages < 10);
        }

        Assert.Equal(isOneMatch ? [id + "-p"] : [id + "-p", id + "-q"], matches);
        Assert.Equal(included.Count, included.Distinct().Count());
        Assert.Equal(isOneMatch ? 2203 : 2201, included.Count); // the late one, and with the circle organization and other patient
        Assert.Equal(isOneMatch ? 3 : 4, pages);
    }

    [Fact]
    public async Task Targets_that_are_versioned_contained_foreign_or_absent_are_each_treated_alike()
    {
        var id = "t" + Guid.NewGuid().ToString("N")[..8];
        await Put("Patient", id, ""","gender":"male" """);
        await Put("Patient", id, ""","gender":"female" """, 200);
        await Put("Observation", id + "-v", $$$""","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{id}}}/_history/1"}""");
        await Put("Observation", id + "-c", ""","status":"final","code":{"text":"x"},"contained":[{"resourceType":"Patient","id":"in"}],"subject":{"reference":"#in"}""");
        await Put("Observation", id + "-f", ""","status":"final","code":{"text":"x"},"subject":{"reference":"http://elsewhere.example/fhir/Patient/7"}""");
        await Put("Patient", id + "-gone", "");
        await Put("Observation", id + "-g", $$$""","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{id}}}-gone"}""");
        await Server.DeleteAsync($"Patient/{id}-gone");

        // A versioned reference brings the current version: a search shows what is current.
        var versioned = await Server.GetAsync($"Observation?_id={id}-v&_include=Observation:subject");
        Assert.Equal(["match", "include"], versioned.Entries.Select(e => e["search"]!["mode"]!.GetValue<string>()));
        Assert.Equal("female", versioned.Entries[1]["resource"]!["gender"]!.GetValue<string>());
        foreach (var none in new[] { "-c", "-f", "-g" })
            Assert.Single((await Server.GetAsync($"Observation?_id={id}{none}&_include=Observation:subject")).Entries);
        Assert.Equal([$"{id}-v"], (await Server.GetAsync($"Patient?_id={id}&_revinclude=Observation:subject")).Entries.Skip(1).Select(e => e["resource"]!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task More_includes_than_allowed_are_refused()
    {
        var reply = await Server.GetAsync("Patient?" + string.Join('&', Enumerable.Repeat("_revinclude=Observation:subject", 21)));

        Assert.Equal(400, reply.Status);
        Assert.Contains("20 includes at most", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elements_and_summary_hold_for_included_resources_too()
    {
        var id = "s" + Guid.NewGuid().ToString("N")[..8];
        await Put("Patient", id, ""","gender":"male","birthDate":"1980-01-01","photo":[{"title":"x"}]""");
        await Put("Observation", id, $$$""","status":"final","code":{"text":"x"},"note":[{"text":"n"}],"subject":{"reference":"Patient/{{{id}}}"}""");

        foreach (var (choice, hasBirthDate, hasPhoto) in new[] { ("_elements=subject,birthDate", true, false), ("_summary=true", true, false), ("_summary=data", true, true), ("_summary=text", false, false) })
        {
            var reply = await Server.GetAsync($"Observation?_id={id}&_include=Observation:subject&{choice}");
            Assert.True(reply.Status == 200, reply.Body);
            Assert.Equal(2, reply.Entries.Count);
            Assert.All(reply.Entries, e => Assert.Contains(e["resource"]!["meta"]!["tag"]!.AsArray(), t => t!["code"]!.GetValue<string>() == "SUBSETTED"));
            Assert.Equal("final", reply.Entries[0]["resource"]!["status"]!.GetValue<string>()); // mandatory
            Assert.NotNull(reply.Entries[0]["resource"]!["code"]);
            var patient = reply.Entries[1]["resource"]!.AsObject();
            Assert.Equal((hasBirthDate, hasPhoto), (patient.ContainsKey("birthDate"), patient.ContainsKey("photo")));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/_history/1")]
    [InlineData("/_history")]
    public async Task A_part_of_one_resource_can_be_read(string path)
    {
        var id = "r" + Guid.NewGuid().ToString("N")[..8];
        await Put("Observation", id, ""","status":"final","code":{"text":"x"},"note":[{"text":"n"}]""");

        var whole = (await Server.GetAsync($"Observation/{id}{path}")).Body;
        var part = (await Server.GetAsync($"Observation/{id}{path}?_elements=id")).Body;
        var summary = (await Server.GetAsync($"Observation/{id}{path}?_summary=true")).Body;

        Assert.Contains("\"note\"", whole, StringComparison.Ordinal);
        Assert.DoesNotContain("SUBSETTED", whole, StringComparison.Ordinal);
        foreach (var body in new[] { part, summary })
        {
            Assert.DoesNotContain("\"note\"", body, StringComparison.Ordinal);
            Assert.Contains("SUBSETTED", body, StringComparison.Ordinal);
            Assert.Contains("\"status\":\"final\"", body, StringComparison.Ordinal);
        }

        Assert.Equal(400, (await Server.GetAsync($"Observation/{id}{path}?_summary=count")).Status);
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(6, true)]
    [InlineData(9, true)]
    public async Task Iteration_ends_after_four_rounds_and_says_so_when_more_lies_deeper(int generations, bool liesDeeper)
    {
        var id = "d" + Guid.NewGuid().ToString("N")[..8];
        await Put("Location", $"{id}-0", "");
        for (var i = 1; i <= generations; i++)
            await Put("Location", $"{id}-{i}", $$$""","partOf":{"reference":"Location/{{{id}}}-{{{i - 1}}}"}""");

        foreach (var (query, shown) in new[]
                 {
                     ($"Location?_id={id}-{generations}&_include:iterate=Location:partof", Enumerable.Range(generations - Math.Min(5, generations), Math.Min(5, generations)).Reverse()),
                     ($"Location?_id={id}-0&_revinclude:iterate=Location:partof", Enumerable.Range(1, Math.Min(5, generations))),
                 })
        {
            var reply = await Server.GetAsync(query);
            Assert.True(reply.Status == 200, reply.Body);
            var entries = reply.Entries.ToLookup(e => e["search"]!["mode"]!.GetValue<string>());
            Assert.Equal(shown.Select(i => $"{id}-{i}").Order(StringComparer.Ordinal), entries["include"].Select(e => e["resource"]!["id"]!.GetValue<string>()).Order(StringComparer.Ordinal));
            Assert.Equal(liesDeeper ? 1 : 0, entries["outcome"].Count());
            if (liesDeeper)
                Assert.Contains("4 times (Search:MaxIterations)", entries["outcome"].Single()["resource"]!["issue"]![0]!["diagnostics"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_circle_longer_than_the_rounds_says_that_more_lies_deeper_and_a_short_one_does_not()
    {
        foreach (var length in new[] { 3, 8 })
        {
            var id = "c" + Guid.NewGuid().ToString("N")[..8];
            for (var i = 0; i < length; i++)
                await Put("Location", $"{id}-{i}", "");
            for (var i = 0; i < length; i++)
                await Put("Location", $"{id}-{i}", $$$""","partOf":{"reference":"Location/{{{id}}}-{{{(i + 1) % length}}}"}""", 200);

            var reply = await Server.GetAsync($"Location?_id={id}-0&_include:iterate=Location:partof");

            Assert.Equal(length == 3 ? 2 : 5, reply.Entries.Count(e => e["search"]!["mode"]!.GetValue<string>() == "include"));
            Assert.Equal(length == 8, reply.Entries.Any(e => e["search"]!["mode"]!.GetValue<string>() == "outcome"));
        }
    }

    [Theory]
    [InlineData("_has:Observation:patient:_has:Provenance:target:_has:AuditEvent:entity:_id=x", 200)]
    [InlineData("_has:Observation:patient:_has:Provenance:target:_has:AuditEvent:entity:_has:Provenance:target:_id=x", 400)]
    [InlineData("organization.partof.partof.partof.name=x", 200)]
    [InlineData("organization.partof.partof.partof.partof.name=x", 400)]
    public async Task Chains_go_four_deep_and_back_three_times(string query, int status) => Assert.Equal(status, (await Server.GetAsync("Patient?" + query)).Status);

    private async Task Put(string type, string id, string more, int status = 201)
    {
        var reply = await Server.PutAsync($"{type}/{id}", $$"""{"resourceType":"{{type}}","id":"{{id}}"{{more}}}""");
        Assert.True(reply.Status == status, reply.Body);
    }

    private async Task BatchAsync(int count, Func<int, string> resource)
    {
        foreach (var some in Enumerable.Range(0, count).Chunk(550))
        {
            var entries = some.Select(i => resource(i)).Select(json => $$$"""{"resource":{{{json}}},"request":{"method":"PUT","url":"Observation/{{{json.Split('"')[7]}}}"}}""");
            var reply = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{string.Join(',', entries)}}]}""");
            Assert.True(reply.Status == 200, reply.Body);
        }
    }
}

public sealed class SqliteIncludeTests(SqliteDanglingServer server) : IncludeTests(server), IClassFixture<SqliteDanglingServer>;

public sealed class PostgresIncludeTests(PostgresDanglingServer server) : IncludeTests(server), IClassFixture<PostgresDanglingServer>;
