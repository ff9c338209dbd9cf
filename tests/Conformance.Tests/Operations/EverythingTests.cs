using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary><c>$everything</c> over HTTP: the compartment, what it refers to, each once, over pages.</summary>
public abstract class EverythingTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string id = "e" + Guid.NewGuid().ToString("N")[..12];

    [Fact]
    public async Task Brings_the_compartment_and_what_it_refers_to_but_nothing_of_other_patients()
    {
        await ChartAsync();

        var all = await Server.GetAsync($"Patient/{id}/$everything");

        Assert.True(all.Status == 200, all.Body);
        Assert.Equal("searchset", all.Json["type"]!.GetValue<string>());
        Assert.Equal(["Condition/c", "Coverage/v", "Encounter/n", "Group/g", "Observation/new", "Observation/old", "Observation/undated", "Patient/"], Keys(all, "match"));
        Assert.Equal(["Location/l", "Organization/o", "Organization/p", "Practitioner/d", "PractitionerRole/r"], Keys(all, "include"));
        Assert.EndsWith($"Patient/{id}/$everything", Link(all, "self"), StringComparison.Ordinal);
        Assert.Null(all.Next);
        var first = all.Entries[0];
        Assert.Equal("Patient", first["resource"]!["resourceType"]!.GetValue<string>());
        Assert.Equal($"{Server.BaseUrl}/Patient/{id}", first["fullUrl"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public async Task Pages_hold_everything_once_while_others_write(int count)
    {
        await ChartAsync();
        var whole = (await Server.GetAsync($"Patient/{id}/$everything")).Entries.Select(Key).ToArray();

        var seen = new List<string>();
        var round = 0;
        for (var next = $"Patient/{id}/$everything?_count={count}"; next is not null; round++)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            Assert.InRange(page.Entries.Count, 1, count);
            seen.AddRange(page.Entries.Select(Key));
            next = page.Next;

            // Updates keep their place, new ones come behind.
            await Server.PutAsync($"Observation/{id}-old", Observation("old", "2019-05-01", $"\"note\":[{{\"text\":\"{round}\"}}]"));
            await Server.PutAsync($"Observation/{id}-extra{round}", Observation($"extra{round}", "2020-05-01").Replace($"Patient/{id}", $"Patient/{id}x", StringComparison.Ordinal));
        }

        Assert.Equal(whole, seen);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_range_of_care_keeps_what_happened_in_it_what_lasts_into_it_and_what_has_no_date()
    {
        await ChartAsync();

        var late = await Server.GetAsync($"Patient/{id}/$everything?start=2021-01-01&end=2022-12-31");
        var early = await Server.GetAsync($"Patient/{id}/$everything?start=2017-01-01&end=2017-12-31");

        Assert.Equal(["Condition/c", "Coverage/v", "Group/g", "Observation/new", "Observation/undated", "Patient/"], Keys(late, "match"));
        Assert.Equal(["Coverage/v", "Group/g", "Observation/undated", "Patient/"], Keys(early, "match"));
    }

    [Fact]
    public async Task Types_and_since_leave_the_rest_out()
    {
        await ChartAsync();

        Assert.Equal(["Observation/new", "Observation/old", "Observation/undated"], Keys(await Server.GetAsync($"Patient/{id}/$everything?_type=Observation"), "match"));
        var practitioners = await Server.GetAsync($"Patient/{id}/$everything?_type=Practitioner,Organization");
        Assert.Empty(Keys(practitioners, "match"));
        Assert.Equal(["Organization/o", "Organization/p", "Practitioner/d"], Keys(practitioners, "include"));

        var since = TimeProvider.System.GetUtcNow().AddMilliseconds(20);
        await Task.Delay(40, TestContext.Current.CancellationToken);
        await Server.PutAsync($"Observation/{id}-old", Observation("old", "2019-05-02"));
        var changed = await Server.GetAsync($"Patient/{id}/$everything?_since={Uri.EscapeDataString(since.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture))}");
        Assert.Equal(["Observation/old"], Keys(changed, "match"));
        Assert.Empty(Keys(changed, "include"));
    }

    [Fact]
    public async Task A_call_by_body_takes_repeated_types()
    {
        await ChartAsync();

        var reply = await Server.PostAsync($"Patient/{id}/$everything",
            """{"resourceType":"Parameters","parameter":[{"name":"_type","valueCode":"Condition"},{"name":"_type","valueCode":"Coverage"},{"name":"_count","valueInteger":1}]}""");

        Assert.Equal(["Condition/c"], Keys(reply, "match").Concat(Keys(reply, "include")));
        Assert.Equal(["Coverage/v"], Keys(await Server.GetAsync(reply.Next!), "match"));
    }

    [Fact]
    public async Task An_encounter_brings_its_own_and_its_patient()
    {
        await ChartAsync();

        var all = await Server.GetAsync($"Encounter/{id}-n/$everything");

        Assert.Equal(["Encounter/n", "Observation/new"], Keys(all, "match"));
        Assert.Equal(["Condition/c", "Location/l", "Organization/o", "Organization/p", "Patient/", "Practitioner/d"], Keys(all, "include"));
    }

    [Fact]
    public async Task All_patients_come_page_by_page_with_what_they_share_once()
    {
        await ChartAsync();

        var seen = new List<string>();
        for (var next = "Patient/$everything?_count=7&_type=Patient,Observation,Practitioner,Medication"; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            seen.AddRange(page.Entries.Select(e => $"{e["resource"]!["resourceType"]}/{e["resource"]!["id"]}"));
            next = page.Next;
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Subset(seen.ToHashSet(), new HashSet<string> { $"Patient/{id}", $"Patient/{id}x", $"Observation/{id}-new", $"Practitioner/{id}-d" });
        Assert.DoesNotContain($"Practitioner/{id}-nobody", seen);
    }

    [Theory]
    [InlineData("start=yesterday", "date such as")]
    [InlineData("start=2022-01-01&end=2021-01-01", "Exchange them")]
    [InlineData("_since=x", "instant such as")]
    [InlineData("_count=0", "from 1")]
    [InlineData("_type=Obsrvation", "'Observation'")]
    [InlineData("strat=2020-01-01", "'start'")]
    public async Task Wrong_parameters_are_refused_with_the_fix(string query, string expected)
    {
        await ChartAsync();

        var reply = await Server.GetAsync($"Patient/{id}/$everything?{query}");

        Assert.Equal(400, reply.Status);
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_and_deleted_patients_and_foreign_pages_are_refused()
    {
        await ChartAsync();
        var page = await Server.GetAsync($"Patient/{id}/$everything?_count=1");

        Assert.Equal(404, (await Server.GetAsync($"Patient/{id}-none/$everything")).Status);
        Assert.Equal(410, (await Server.GetAsync(page.Next!.Replace($"Patient/{id}/", $"Patient/{id}x/", StringComparison.Ordinal))).Status);
        await Server.PutAsync($"Patient/{id}-gone", $$"""{"resourceType":"Patient","id":"{{id}}-gone"}""");
        await Server.DeleteAsync($"Patient/{id}-gone");
        Assert.Equal(410, (await Server.GetAsync($"Patient/{id}-gone/$everything")).Status);
    }

    private async Task ChartAsync()
    {
        async Task Put(string key, string body) => Assert.InRange((await Server.PutAsync(key, body)).Status, 200, 201);

        await Put($"Organization/{id}-p", $$"""{"resourceType":"Organization","id":"{{id}}-p","name":"Parent"}""");
        await Put($"Organization/{id}-o", $$$"""{"resourceType":"Organization","id":"{{{id}}}-o","name":"O","partOf":{"reference":"Organization/{{{id}}}-p"}}""");
        await Put($"Practitioner/{id}-d", $$"""{"resourceType":"Practitioner","id":"{{id}}-d"}""");
        await Put($"Practitioner/{id}-nobody", $$"""{"resourceType":"Practitioner","id":"{{id}}-nobody"}""");
        await Put($"PractitionerRole/{id}-r", $$$"""{"resourceType":"PractitionerRole","id":"{{{id}}}-r","practitioner":{"reference":"Practitioner/{{{id}}}-d"}}""");
        await Put($"Location/{id}-l", $$$"""{"resourceType":"Location","id":"{{{id}}}-l","managingOrganization":{"reference":"Organization/{{{id}}}-o"}}""");
        await Put($"Patient/{id}x", $$"""{"resourceType":"Patient","id":"{{id}}x"}""");
        await Put($"Patient/{id}", $$$"""{"resourceType":"Patient","id":"{{{id}}}","generalPractitioner":[{"reference":"PractitionerRole\/{{{id}}}-r"}]}""");
        await Put($"Condition/{id}-c", $$$"""{"resourceType":"Condition","id":"{{{id}}}-c","subject":{"reference":"Patient/{{{id}}}"},"onsetDateTime":"2018-03-01"}""");
        await Put($"Encounter/{id}-n", $$$"""
            {"resourceType":"Encounter","id":"{{{id}}}-n","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/{{{id}}}"},"period":{"start":"2019-05-01","end":"2019-05-01"},
             "diagnosis":[{"condition" : {"reference" : "Condition/{{{id}}}-c"}}],"location":[{"location":{"reference":"Location/{{{id}}}-l"}}]}
            """);
        await Put($"Observation/{id}-old", Observation("old", "2019-05-01"));
        await Put($"Observation/{id}-new", Observation("new", "2021-05-01", $$$"""
            "encounter":{"reference":"Encounter/{{{id}}}-n"},"performer":[{"reference":"Practitioner/{{{id}}}-d"}]
            """));
        await Put($"Observation/{id}-undated", Observation("undated", null));
        await Put($"Observation/{id}x-other", Observation("other", "2021-05-01").Replace($"Patient/{id}", $"Patient/{id}x", StringComparison.Ordinal).Replace($"{id}-other", $"{id}x-other", StringComparison.Ordinal));
        await Put($"Coverage/{id}-v", $$$"""{"resourceType":"Coverage","id":"{{{id}}}-v","status":"active","beneficiary":{"reference":"Patient/{{{id}}}"},"payor":[{"reference":"Organization/{{{id}}}-o"}]}""");
        await Put($"Group/{id}-g", $$$"""{"resourceType":"Group","id":"{{{id}}}-g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/{{{id}}}"}},{"entity":{"reference":"Patient/{{{id}}}x"}}]}""");
    }

    private string Observation(string name, string? date, string more = "") =>
        $$$"""{"resourceType":"Observation","id":"{{{id}}}-{{{name}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{id}}}"}{{{(date is null ? "" : $",\"effectiveDateTime\":\"{date}\"")}}}{{{(more.Length == 0 ? "" : "," + more)}}}}""";

    private string[] Keys(Reply reply, string mode) =>
        [.. reply.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() == mode).Select(Key).Order(StringComparer.Ordinal)];

    private string Key(JsonNode entry) => $"{entry["resource"]!["resourceType"]}/{entry["resource"]!["id"]}".Replace($"{id}-", "", StringComparison.Ordinal).Replace(id, "", StringComparison.Ordinal);

    private static string? Link(Reply reply, string relation) =>
        reply.Json["link"]!.AsArray().FirstOrDefault(l => l!["relation"]!.GetValue<string>() == relation)?["url"]?.GetValue<string>();
}

public sealed class SqliteEverythingTests(SqliteServer server) : EverythingTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresEverythingTests(PostgresServer server) : EverythingTests(server), IClassFixture<PostgresServer>;
