using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary><c>$explain</c>: what was understood, which index answers, what it costs, and what would help.</summary>
public abstract class ExplainTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task Tells_the_reading_the_order_the_index_the_rows_the_sql_and_the_plan_without_values()
    {
        await Server.PutAsync("Patient/explained", """{"resourceType":"Patient","id":"explained"}""");
        foreach (var i in Enumerable.Range(0, 3))
            await Server.PutAsync($"Observation/ex{i}", $$$"""
                {"resourceType":"Observation","id":"ex{{{i}}}","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"secret-{{{i % 2}}}"}]},"subject":{"reference":"Patient/explained"}}
                """);

        var answer = await ExplainAsync("Observation/$explain?code=secret-0&status=final&subject=Patient/explained");

        var steps = Parts(answer, "step").ToList();
        Assert.Equal("driver", steps[0]["role"]);
        Assert.Equal(["Token", "Token", "Reference"], steps.Select(s => s["table"]).OrderDescending());
        Assert.Equal("2", steps.Single(s => s["condition"].StartsWith("code:", StringComparison.Ordinal))["rows"]);
        Assert.Equal("3", steps.Single(s => s["condition"].StartsWith("status:", StringComparison.Ordinal))["rows"]);
        Assert.Equal(3, Parts(answer, "parameter").Count());
        Assert.StartsWith("SELECT", Value(answer, "sql"), StringComparison.Ordinal);
        Assert.NotEmpty(Value(answer, "plan"));
        Assert.Equal("one patient's own rows", Value(answer, "scope"));
        Assert.Contains("Add the system", Value(answer, "advice"), StringComparison.Ordinal);
        Assert.DoesNotContain("secret-0", answer.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ignored_parameters_scans_and_searches_without_a_lead_are_named()
    {
        var answer = await ExplainAsync("$explain?Observation?cod=1&_content=fever&_count=5");
        Assert.Contains("Did you mean 'code'", Parts(answer, "parameter").First()["ignored"], StringComparison.Ordinal);
        Assert.Equal("true", Value(answer, "scan"));
        Assert.Contains("scan", Parts(answer, "step").Select(s => s["role"]));
        Assert.Contains("patient", Value(answer, "advice"), StringComparison.Ordinal);

        Assert.Contains("unscoped", Value(await ExplainAsync("$explain?Observation"), "advice"), StringComparison.Ordinal);
        Assert.Contains("filter", Parts(await ExplainAsync("Observation/$explain?status:not=final"), "step").Select(s => s["role"]));
        Assert.Contains("Reference", Parts(await ExplainAsync("$explain?url=" + Uri.EscapeDataString("Observation?patient.name=x")), "step").Select(s => s["table"]));
    }

    [Fact]
    public async Task A_search_of_a_compartment_or_of_several_types_is_explained_as_it_is_answered()
    {
        await Server.PutAsync("Patient/explained-2", """{"resourceType":"Patient","id":"explained-2"}""");
        await Server.PostAsync("Observation", """{"resourceType":"Observation","status":"amended","code":{"text":"x"},"subject":{"reference":"Patient/explained-2"}}""");

        var within = await ExplainAsync("$explain?Patient/explained-2/Observation?status=amended");
        Assert.Equal(("Observation", "one patient's own rows"), (Value(within, "type"), Value(within, "scope")));
        Assert.Contains(Parts(within, "step"), s => s["table"] == "Reference" && s["rows"] == "1");
        Assert.StartsWith("status:", Parts(within, "parameter").Single()["readAs"], StringComparison.Ordinal);
        var ours = await ExplainAsync("$explain?url=" + Uri.EscapeDataString($"{Server.BaseUrl}/Patient/explained-2/*?_lastUpdated=gt2020"));
        Assert.Contains(Parts(ours, "step"), s => s["role"] == "driver" && s["rows"] == "2");

        var several = await ExplainAsync("$explain?_type=Patient,Observation&_lastUpdated=gt2020&_id=explained-2");
        Assert.Equal(["Patient", "Observation"], several["parameter"]!.AsArray().Where(p => p!["name"]!.GetValue<string>() == "type").Select(p => p!["valueCode"]!.GetValue<string>()));
        Assert.Equal(["_type", "_lastUpdated", "_id"], Parts(several, "parameter").Select(p => p["name"]));
        Assert.DoesNotContain(Parts(several, "parameter"), p => p.ContainsKey("ignored"));
    }

    [Theory]
    [InlineData("$explain", 400)]
    [InlineData("$explain?Patent?name=x", 400)]
    [InlineData("Patient/x/$explain", 404)]
    [InlineData("$explain?url=http://elsewhere.example/Patient?name=x", 400)]
    [InlineData("$explain?Patient/x?name=x", 400)]
    [InlineData("$explain?Organization/x/Observation?code=x", 400)]
    public async Task What_is_no_search_is_refused(string address, int status) => Assert.Equal(status, (await Server.GetAsync(address)).Status);

    [Fact]
    public async Task It_answers_to_post_and_stands_in_the_statement()
    {
        Assert.Equal(200, (await Server.SendAsync(HttpMethod.Post, "Patient/$explain", "name=smith", "application/x-www-form-urlencoded")).Status);
        Assert.Contains("urn:fhiremr:OperationDefinition/explain", (await Server.GetAsync("metadata")).Body, StringComparison.Ordinal);
    }

    private async Task<JsonNode> ExplainAsync(string address)
    {
        var reply = await Server.GetAsync(address);
        Assert.True(reply.Status == 200, reply.Body);
        return reply.Json;
    }

    private static string Value(JsonNode answer, string name) => answer["parameter"]!.AsArray().Where(p => p!["name"]!.GetValue<string>() == name).Select(p => ValueOf(p!)).First();

    private static IEnumerable<Dictionary<string, string>> Parts(JsonNode answer, string name) => answer["parameter"]!.AsArray()
        .Where(p => p!["name"]!.GetValue<string>() == name).Select(p => p!["part"]!.AsArray().ToDictionary(v => v!["name"]!.GetValue<string>(), v => ValueOf(v!)));

    private static string ValueOf(JsonNode parameter) => parameter.AsObject().First(v => v.Key.StartsWith("value", StringComparison.Ordinal)).Value!.ToString();
}

public sealed class SqliteExplainTests(SqliteServer server) : ExplainTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresExplainTests(PostgresServer server) : ExplainTests(server), IClassFixture<PostgresServer>;
