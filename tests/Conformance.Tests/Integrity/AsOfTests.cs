using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Integrity;

/// <summary>The record as it was at an instant: read and search, chains and negations included.</summary>
public abstract class AsOfTests(ServerFixture fixture) : OnServer(fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_gives_the_version_of_then()
    {
        var before = Now();
        await Task.Delay(5, Ct);
        var made = await Server.PostAsync("Patient", """{"resourceType":"Patient"}""");
        var first = Updated(made);
        await Task.Delay(5, Ct);
        var second = Updated(await Server.PutAsync($"Patient/{made.Id}", $$"""{"resourceType":"Patient","id":"{{made.Id}}","active":true}"""));
        await Task.Delay(5, Ct);
        await Server.DeleteAsync($"Patient/{made.Id}");

        Assert.Equal(404, (await Server.GetAsync($"Patient/{made.Id}?_asOf={before}")).Status);
        Assert.Equal("W/\"1\"", (await Server.GetAsync($"Patient/{made.Id}?_asOf={first}")).ETag);
        Assert.Equal("W/\"2\"", (await Server.GetAsync($"Patient/{made.Id}?_asOf={second}")).ETag);
        Assert.Equal(410, (await Server.GetAsync($"Patient/{made.Id}?_asOf={Now()}")).Status);
        Assert.Equal(400, (await Server.GetAsync($"Patient/{made.Id}?_asOf=yesterday")).Status);
    }

    [Fact]
    public async Task What_is_missing_in_a_contained_resource_is_asked_of_it()
    {
        var mark = "c" + Guid.NewGuid().ToString("N")[..8];
        foreach (var (id, gender) in new[] { ("with", ""","gender":"male" """), ("without", "") })
            await Server.PutAsync($"Observation/{mark}-{id}", $$$"""
                {"resourceType":"Observation","id":"{{{mark}}}-{{{id}}}","status":"final","code":{"text":"x"},"contained":[{"resourceType":"Patient","id":"in"{{{gender}}}}],"subject":{"reference":"#in"}}
                """);
        foreach (var at in new[] { "", $"&_asOf={Now()}" })
        {
            Assert.Equal([$"{mark}-without"], (await Server.GetAsync($"Observation?_id={mark}-with,{mark}-without&subject:Patient.gender:missing=true{at}")).Ids);
            Assert.Equal([$"{mark}-with"], (await Server.GetAsync($"Observation?_id={mark}-with,{mark}-without&subject:Patient.gender:missing=false{at}")).Ids);
        }
    }

    [Fact]
    public async Task A_search_gives_the_answer_of_then_whatever_changed_since()
    {
        var tag = "t" + Guid.NewGuid().ToString("N");
        var patient = await PutAsync("Patient", tag + "p", tag, "\"name\":[{\"family\":\"Then\"}],\"birthDate\":\"1970-01-01\"");
        var kept = await PutAsync("Observation", tag + "a", tag, Observation(patient, "final"));
        var changed = await PutAsync("Observation", tag + "b", tag, Observation(patient, "final"));
        var deleted = await PutAsync("Observation", tag + "c", tag, Observation(patient, "preliminary"));
        await Task.Delay(5, Ct);
        var then = Now();
        await Task.Delay(5, Ct);
        await PutAsync("Patient", tag + "p", tag, "\"name\":[{\"family\":\"Later\"}]");
        await PutAsync("Observation", tag + "b", tag, Observation(patient, "amended"));
        await Server.DeleteAsync($"Observation/{deleted}");
        await PutAsync("Observation", tag + "d", tag, Observation(patient, "final"));

        async Task CheckAsync(string query, params string[] ids)
        {
            var reply = await Server.GetAsync($"{query}&_tag={tag}&_total=accurate&_asOf={then}");
            Assert.True(reply.Status == 200, reply.Body);
            Assert.Equal(ids, reply.Ids);
            Assert.Equal(ids.Length, reply.Json["total"]!.GetValue<int>());
        }

        await CheckAsync("Observation?status=final", kept, changed);
        await CheckAsync("Observation?status:not=final", deleted);
        await CheckAsync("Observation?subject:Patient.family=Then", kept, changed, deleted);
        await CheckAsync("Observation?subject:Patient.family=Later");
        await CheckAsync($"Observation?patient={patient}&_id={kept},{tag}d", kept);
        await CheckAsync("Observation?value-quantity:missing=true", kept, changed, deleted);
        await CheckAsync("Patient?_has:Observation:subject:status=preliminary", patient);
        await CheckAsync("Patient?birthdate=1970", patient);
        Assert.Equal([kept, tag + "d"], (await Server.GetAsync($"Observation?status=final&_tag={tag}")).Ids);
    }

    [Fact]
    public async Task Pages_keep_their_instant()
    {
        var tag = "t" + Guid.NewGuid().ToString("N");
        foreach (var i in Enumerable.Range(0, 5))
            await PutAsync("Patient", $"{tag[..20]}{i}", tag, "\"active\":true");
        await Task.Delay(5, Ct);
        var then = Now();
        await Task.Delay(5, Ct);
        var seen = new List<string>();
        for (var next = $"Patient?_tag={tag}&_count=2&_asOf={then}"; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            Assert.Contains("_asOf=", page.Json["link"]![0]!["url"]!.GetValue<string>(), StringComparison.Ordinal);
            seen.AddRange(page.Ids);
            next = page.Next;
            await PutAsync("Patient", $"{tag[..20]}{seen.Count + 10}", tag, "\"active\":true");
        }

        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"{tag[..20]}{i}"), seen);
    }

    [Fact]
    public async Task What_cannot_be_answered_is_refused_with_a_sentence()
    {
        var id = "t" + Guid.NewGuid().ToString("N");
        var before = Now();
        await Task.Delay(5, Ct);
        await PutAsync("Patient", id, id, "\"active\":true");
        await Task.Delay(5, Ct);
        var then = Now();
        foreach (var (path, status, words) in new[]
        {
            ($"Patient?_asOf=2026-01-31", 400, "is no instant"),
            ($"Patient?_asOf=2026-01-31T08:00:00", 400, "is no instant"),
            ($"Patient?_asOf={then}&_asOf={before}", 400, "give it once"),
            ($"Patient?_asOf={then}&_sort=nonsense", 400, "cannot be sorted"),
            ($"Patient/{id}/$everything?_asOf=soon", 400, "is no instant"),
            ($"Patient/{id}/$everything?_asOf={then}&_asOf={then}", 400, "give it once"),
            ($"Patient/{id}/$everything?_asOf={before}", 404, "was not here yet"),
            ($"Patient/$everything?_asOf=soon", 400, "is no instant"),
        })
        {
            var reply = await Server.GetAsync(path);
            Assert.True(reply.Status == status, $"{path}: {reply.Status} {reply.Body}");
            Assert.Contains(words, reply.Diagnostics, StringComparison.Ordinal);
        }

        Assert.Equal(200, (await Server.GetAsync($"Patient/{id}/$everything?_asOf={then}")).Status);
        await Server.DeleteAsync($"Patient/{id}");
        Assert.Equal(410, (await Server.GetAsync($"Patient/{id}/$everything?_asOf={Now()}")).Status);
        Assert.Equal(200, (await Server.GetAsync($"Patient/{id}/$everything?_asOf={then}")).Status);
        var page = await Server.GetAsync($"Patient?_asOf={then}&_count=1");
        Assert.Equal(400, (await Server.GetAsync($"Patient?_asOf={before}&_count=1&_page={(page.Next ?? "_page=x").Split("_page=")[1]}")).Status);
    }

    [Fact]
    public async Task An_instant_ahead_is_taken_as_now_and_the_links_say_so()
    {
        var tag = "t" + Guid.NewGuid().ToString("N");
        foreach (var i in Enumerable.Range(0, 3))
            await PutAsync("Patient", $"{tag[..20]}{i}", tag, "\"active\":true");

        var first = await Server.GetAsync($"Patient?_tag={tag}&_count=2&_asOf=2999-01-01T00:00:00Z");
        await PutAsync("Patient", $"{tag[..20]}9", tag, "\"active\":true");
        await PutAsync("Patient", $"{tag[..20]}2", tag, "\"active\":false");

        Assert.DoesNotContain("2999", first.Body, StringComparison.Ordinal);
        var second = await Server.GetAsync(first.Next!);
        Assert.Equal([$"{tag[..20]}2"], second.Ids);
        Assert.Equal("1", second.Entries[0]["resource"]!["meta"]!["versionId"]!.GetValue<string>());
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_hierarchy_and_a_value_set_are_those_of_then()
    {
        var (tag, url) = ("t" + Guid.NewGuid().ToString("N"), $"http://example.org/{Guid.NewGuid():N}");
        await PutAsync("Location", tag + "top", tag, "\"name\":\"top\"");
        await PutAsync("Location", tag + "ward", tag, $$"""
            "partOf":{"reference":"Location/{{tag}}top"}
            """);
        await PutAsync("Encounter", tag + "e", tag, $$$"""
            "status":"finished","class":{"code":"AMB"},"location":[{"location":{"reference":"Location/{{{tag}}}ward"}}],"type":[{"coding":[{"system":"urn:s","code":"a"}]}]
            """);
        string Set(string code) => $$$"""
            "url":"{{{url}}}","status":"active","compose":{"include":[{"system":"urn:s","concept":[{"code":"{{{code}}}"}]}]}
            """;
        await PutAsync("ValueSet", tag + "v", tag, Set("a"));
        await Task.Delay(5, Ct);
        var then = Now();
        await Task.Delay(5, Ct);
        await PutAsync("Location", tag + "ward", tag, "\"name\":\"on its own\"");
        await PutAsync("ValueSet", tag + "v", tag, Set("b"));

        foreach (var query in new[] { $"Encounter?location:below=Location/{tag}top", $"Encounter?type:in={url}" })
        {
            Assert.Empty((await Server.GetAsync($"{query}&_tag={tag}")).Ids);
            Assert.Equal([tag + "e"], (await Server.GetAsync($"{query}&_tag={tag}&_asOf={then}")).Ids);
        }
    }

    private async Task<string> PutAsync(string type, string id, string tag, string more)
    {
        var reply = await Server.PutAsync($"{type}/{id}", $$"""{"resourceType":"{{type}}","id":"{{id}}","meta":{"tag":[{"code":"{{tag}}"}]},""" + more + "}");
        Assert.True(reply.Status is 200 or 201, reply.Body);
        return id;
    }

    private static string Observation(string patient, string status) =>
        $$"""
        "status":"{{status}}","code":{"text":"x"},"subject":{"reference":"Patient/{{patient}}"}
        """;

    private static string Updated(Reply reply) => Uri.EscapeDataString(reply.Json["meta"]!["lastUpdated"]!.GetValue<string>());

    private static string Now() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
}

public sealed class SqliteAsOfTests(SqliteServer server) : AsOfTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresAsOfTests(PostgresServer server) : AsOfTests(server), IClassFixture<PostgresServer>;
