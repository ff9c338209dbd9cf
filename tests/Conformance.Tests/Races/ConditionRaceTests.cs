using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Races;

/// <summary>32 clients whose conditions meet: each condition and its write are one step (reliability R-12).</summary>
public abstract class ConditionRaceTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string mark = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Equal_conditional_creates_make_one_resource()
    {
        foreach (var round in Enumerable.Range(0, 3))
        {
            var replies = await Crowd.RunAsync(i => Server.PostAsync("Patient", Patient($"same{round}", $"client{i}"), ("If-None-Exist", $"identifier=urn:race|{mark}-same{round}")));

            Assert.Equal(1, replies.Count(r => r.Status == 201));
            Assert.All(replies, r => Assert.True(r.Status is 200 or 201, r.Body));
            Assert.Single(replies.Select(r => r.Id).Distinct());
            await CountsAsync($"same{round}", 1);
        }
    }

    [Fact]
    public async Task Overlapping_conditional_creates_make_one_resource()
    {
        // Each body satisfies both conditions, so whoever comes second finds the first by either.
        var replies = await Crowd.RunAsync(i => Server.PostAsync("Patient", Patient("left", "x", "right"), ("If-None-Exist", $"identifier=urn:race|{mark}-{(i % 2 == 0 ? "left" : "right")}")));

        Assert.All(replies, r => Assert.True(r.Status is 200 or 201, r.Body));
        Assert.Equal(1, replies.Count(r => r.Status == 201));
        await CountsAsync("left", 1);
    }

    [Fact]
    public async Task Conditional_creates_in_transactions_make_one_resource()
    {
        var replies = await Crowd.RunAsync(i => Server.PostAsync("", $$$"""
            {"resourceType":"Bundle","type":"transaction","entry":[
             {"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":{{{Patient("tx", $"client{i}")}}},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:race|{{{mark}}}-tx"}},
             {"resource":{"resourceType":"Observation","meta":{"tag":[{"code":"{{{mark}}}-tx"}]},"status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}},"request":{"method":"POST","url":"Observation"}}]}
            """));

        Assert.All(replies, r => Assert.True(r.Status == 200, r.Body));
        await CountsAsync("tx", 1);
        var patient = Assert.Single((await Server.GetAsync($"Patient?identifier=urn:race|{mark}-tx")).Ids);
        Assert.Equal(Crowd.Size, (await Server.GetAsync($"Observation?_tag={mark}-tx&subject=Patient/{patient}&_summary=count")).Json["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task Conditional_updates_make_one_resource_and_a_version_each()
    {
        var replies = await Crowd.RunAsync(i => Server.PutAsync($"Patient?identifier=urn:race|{mark}-update", Patient("update", $"client{i}")));

        Assert.All(replies, r => Assert.True(r.Status is 200 or 201, r.Body));
        Assert.Equal(1, replies.Count(r => r.Status == 201));
        var id = Assert.Single(replies.Select(r => r.Id).Distinct());
        Assert.Equal(Enumerable.Range(1, Crowd.Size), replies.Select(Versions.Of).Order());
        await CountsAsync("update", 1);
        await Versions.CheckAsync(Server, $"Patient/{id}", Crowd.Size);
    }

    [Fact]
    public async Task Conditional_deletes_delete_once()
    {
        var created = await Server.PostAsync("Patient", Patient("delete", "x"));
        var replies = await Crowd.RunAsync(_ => Server.DeleteAsync($"Patient?identifier=urn:race|{mark}-delete"));

        Assert.All(replies, r => Assert.True(r.Status is 200 or 204, r.Body));
        await Versions.CheckAsync(Server, $"Patient/{created.Id}", 2);
    }

    private async Task CountsAsync(string name, int expected) =>
        Assert.Equal(expected, (await Server.GetAsync($"Patient?identifier=urn:race|{mark}-{name}&_summary=count")).Json["total"]!.GetValue<int>());

    private string Patient(string identifier, string family, string? second = null) => $$"""
        {"resourceType":"Patient","identifier":[{"system":"urn:race","value":"{{mark}}-{{identifier}}"}{{(second is null ? "" : $$""",{"system":"urn:race","value":"{{mark}}-{{second}}"}""")}}],"name":[{"family":"{{family}}"}]}
        """;
}

public sealed class SqliteConditionRaceTests(SqliteServer server) : ConditionRaceTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresConditionRaceTests(PostgresServer server) : ConditionRaceTests(server), IClassFixture<PostgresServer>;
