using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary><c>Observation/$lastn</c> over HTTP.</summary>
public abstract class LastNTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string id = "l" + Guid.NewGuid().ToString("N")[..12];

    [Fact]
    public async Task The_newest_of_each_test_comes_back_newest_first()
    {
        await SeedAsync();

        Assert.Equal(["b3", "a4", "t1"], await IdsAsync($"patient={id}"));
        Assert.Equal(["b3", "a4", "a3", "b2", "t1"], await IdsAsync($"patient={id}&max=2"));
    }

    [Fact]
    public async Task Those_at_the_same_moment_as_the_last_come_too()
    {
        await SeedAsync();
        await PutAsync("a5", """{"coding":[{"system":"urn:l","code":"a"}]}""", "2024-04-01T10:00:00Z");

        Assert.Equal(["a5", "a4"], await IdsAsync($"patient={id}&code=urn:l|a"));
    }

    [Fact]
    public async Task Codings_side_by_side_make_two_tests_one()
    {
        await SeedAsync();
        await PutAsync("ab", """{"coding":[{"system":"urn:l","code":"a"},{"system":"urn:l","code":"b"}]}""", "2020-01-01");

        Assert.Equal(["b3", "t1"], await IdsAsync($"patient={id}"));
    }

    [Fact]
    public async Task Any_search_parameter_narrows_it_and_includes_come_along()
    {
        await SeedAsync();

        Assert.Equal(["b3"], await IdsAsync($"subject=Patient/{id}&category=vital-signs"));
        Assert.Equal(["b2", "a2"], await IdsAsync($"patient={id}&date=lt2024-03-01"));
        var included = await Server.GetAsync($"Observation/$lastn?patient={id}&code=urn:l|a&_include=Observation:subject");
        Assert.Contains(included.Entries, e => e["resource"]!["resourceType"]!.GetValue<string>() == "Patient" && e["search"]!["mode"]!.GetValue<string>() == "include");
        Assert.Equal(1, included.Json["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_parameters_body_says_the_same()
    {
        await SeedAsync();

        var reply = await Server.PostAsync("Observation/$lastn", $$$"""
            {"resourceType":"Parameters","parameter":[{"name":"patient","valueString":"{{{id}}}"},{"name":"max","valuePositiveInt":2},{"name":"code","valueCoding":{"system":"urn:l","code":"b"}}]}
            """);

        Assert.Equal([$"{id}-b3", $"{id}-b2"], reply.Ids);
    }

    [Theory]
    [InlineData("code=a", "needs patient or subject")]
    [InlineData("patient=1&max=0", "from 1")]
    [InlineData("patient=1&_sort=date", "newest first")]
    [InlineData("patient=1&categry=x", "'category'")]
    public async Task Wrong_parameters_are_refused_with_the_fix(string query, string expected)
    {
        var reply = await Server.GetAsync($"Observation/$lastn?{query}");

        Assert.Equal(400, reply.Status);
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
    }

    private async Task SeedAsync()
    {
        await Server.PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}"}""");
        foreach (var (name, code, at) in new[]
        {
            ("a1", "a", "2024-01-01"), ("a3", "a", "2024-03-01"), ("a2", "a", "2024-02-01"), ("a4", "a", "2024-04-01T10:00:00Z"),
            ("b1", "b", "2023-01-01"), ("b2", "b", "2024-02-15T08:00:00+02:00"), ("b3", "b", "2024-05-01"),
        })
            await PutAsync(name, $$"""{"coding":[{"system":"urn:l","code":"{{code}}"}]}""", at);
        await Server.DeleteAsync($"Observation/{id}-a2");
        await PutAsync("a2", """{"coding":[{"system":"urn:l","code":"a"}]}""", "2024-02-01");
        await PutAsync("t1", """{"text":"a"}""", null);
    }

    private async Task PutAsync(string name, string code, string? at)
    {
        var reply = await Server.PutAsync($"Observation/{id}-{name}", $$$"""
            {"resourceType":"Observation","id":"{{{id}}}-{{{name}}}","status":"final","code":{{{code}}},"subject":{"reference":"Patient/{{{id}}}"}
             {{{(name is "b3" ? ",\"category\":[{\"coding\":[{\"code\":\"vital-signs\"}]}]" : "")}}}{{{(at is null ? "" : $",\"effectiveDateTime\":\"{at}\"")}}}}
            """);
        Assert.InRange(reply.Status, 200, 201);
    }

    private async Task<string[]> IdsAsync(string query)
    {
        var reply = await Server.GetAsync($"Observation/$lastn?{query}");
        Assert.True(reply.Status == 200, reply.Body);
        return [.. reply.Ids.Select(i => i[(id.Length + 1)..])];
    }
}

public sealed class SqliteLastNTests(SqliteServer server) : LastNTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresLastNTests(PostgresServer server) : LastNTests(server), IClassFixture<PostgresServer>;
