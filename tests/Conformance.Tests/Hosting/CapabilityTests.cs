using System.Text.Json.Nodes;
using Hl7.Fhir.Model;

namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>What the server says of itself, and the pages around the FHIR API.</summary>
public abstract class CapabilityTests(ServerFixture fixture) : OnServer(fixture)
{
    [Fact]
    public async Task Every_resource_type_is_listed_with_what_it_does()
    {
        var types = await TypesAsync();

        Assert.Equal(ModelInfo.SupportedResources.Where(t => t is not ("Resource" or "DomainResource")).Order(StringComparer.Ordinal), types.Select(t => t["type"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(types.Where(t => t["type"]!.GetValue<string>() is not ("Binary" or "AuditEvent")), t => Assert.Superset(
            new HashSet<string> { "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type" },
            t["interaction"]!.AsArray().Select(i => i!["code"]!.GetValue<string>()).ToHashSet()));
    }

    [Fact]
    public async Task An_AuditEvent_is_made_and_read_and_nothing_else()
    {
        var audit = (await TypesAsync()).Single(t => t["type"]!.GetValue<string>() == "AuditEvent");

        Assert.Equal(["create", "history-instance", "history-type", "read", "search-type", "vread"], audit["interaction"]!.AsArray().Select(i => i!["code"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal((false, "not-supported"), (audit["conditionalUpdate"]!.GetValue<bool>(), audit["conditionalDelete"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_Binary_which_nobody_finds_by_a_search_claims_nothing_that_takes_one()
    {
        var binary = (await TypesAsync()).Single(t => t["type"]!.GetValue<string>() == "Binary");

        Assert.DoesNotContain("search-type", binary["interaction"]!.AsArray().Select(i => i!["code"]!.GetValue<string>()));
        Assert.Equal((false, false, "not-supported"), (binary["conditionalCreate"]!.GetValue<bool>(), binary["conditionalUpdate"]!.GetValue<bool>(), binary["conditionalDelete"]!.GetValue<string>()));
        Assert.Null(binary["searchParam"]);
        Assert.Null(binary["searchRevInclude"]);
    }

    [Fact]
    public async Task Every_listed_compartment_is_searched()
    {
        var compartments = (await Server.GetAsync("metadata")).Json["rest"]![0]!["compartment"]!.AsArray().Select(c => c!.GetValue<string>().Split('/')[^1]).ToArray();

        Assert.Equal(["patient", "encounter", "practitioner", "relatedPerson", "device"], compartments);
        foreach (var compartment in compartments)
            Assert.Equal(200, (await Server.GetAsync($"{char.ToUpperInvariant(compartment[0])}{compartment[1..]}/nobody/Observation")).Status);
    }

    [Theory]
    [InlineData("full", 200)]
    [InlineData("normative", 200)]
    [InlineData("terminology", 200)]
    [InlineData("terminolgy", 400)]
    public async Task The_statement_has_the_modes_of_R4(string mode, int status) => Assert.Equal(status, (await Server.GetAsync($"metadata?mode={mode}")).Status);

    [Fact]
    public async Task Every_listed_operation_answers()
    {
        var seen = 0;
        foreach (var type in await TypesAsync())
            foreach (var operation in type["operation"]?.AsArray() ?? [])
            {
                // Where it is offered, on the type or on an instance, it answers with something else than "no such operation".
                var (name, body) = (operation!["name"]!.GetValue<string>(), """{"resourceType":"Parameters"}""");
                var onType = await Server.PostAsync($"{type["type"]}/${name}", body);
                var onInstance = await Server.PostAsync($"{type["type"]}/nobody/${name}", body);
                Assert.Contains([onType, onInstance], r => !r.Body.Contains("No operation", StringComparison.Ordinal));
                Assert.All([onType, onInstance], r => Assert.True(r.Status is >= 200 and < 500, r.Body));
                seen++;
            }

        Assert.True(seen >= 7);
    }

    [Fact]
    public async Task Every_listed_search_parameter_can_be_searched_by_whether_it_is_missing()
    {
        // One request each would be two thousand: one for each type names them all.
        foreach (var type in (await TypesAsync()).Where(t => t["searchParam"] is not null))
        {
            var names = type["searchParam"]!.AsArray().Select(p => p!["name"]!.GetValue<string>()).Where(n => n is not ("_id" or "_lastUpdated" or "_content")).ToArray();
            var reply = await Server.GetAsync($"{type["type"]}?{string.Join('&', names.Select(n => $"{n}:missing=true"))}&_summary=count");
            Assert.True(reply.Status == 200, $"{type["type"]}: {reply.Body}");
        }
    }

    [Fact]
    public async Task Every_listed_include_is_accepted()
    {
        foreach (var type in await TypesAsync())
        {
            var includes = (type["searchInclude"]?.AsArray() ?? []).Select(i => $"_include={i!.GetValue<string>()}").ToArray();
            if (includes.Length > 0)
            {
                var reply = await Server.GetAsync($"{type["type"]}?{string.Join('&', includes)}");
                Assert.True(reply.Status == 200, $"{type["type"]}: {reply.Body}");
            }
        }
    }

    [Fact]
    public async Task The_statement_comes_as_XML_too_and_names_this_address()
    {
        Assert.Equal(Server.BaseUrl, (await Server.GetAsync("metadata")).Json["implementation"]!["url"]!.GetValue<string>());
        Assert.StartsWith("<CapabilityStatement", (await Server.GetAsync("metadata", ("Accept", "application/fhir+xml"))).Body.TrimStart('\uFEFF').Split("?>")[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Swagger_describes_every_type()
    {
        var root = Server.BaseUrl[..^"/fhir".Length];
        var paths = JsonNode.Parse(await Server.Http.GetStringAsync(root + "/swagger/v1/swagger.json", TestContext.Current.CancellationToken))!["paths"]!.AsObject().Select(p => p.Key).ToHashSet();

        foreach (var type in await TypesAsync())
            foreach (var path in new[] { $"/fhir/{type["type"]}", $"/fhir/{type["type"]}/{{id}}", $"/fhir/{type["type"]}/{{id}}/_history" })
                Assert.Contains(path, paths);
        Assert.Contains("/fhir/Encounter/{id}/$claim", paths);
        using var page = await Server.Http.GetAsync(root + "/swagger/index.html", TestContext.Current.CancellationToken);
        Assert.True(page.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("/", "FhirEmr")]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    [InlineData("/health/startup", "ready")]
    public async Task The_pages_around_it_answer(string path, string expected)
    {
        using var page = await Server.Http.GetAsync(Server.BaseUrl[..^"/fhir".Length] + path, TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.OK, page.StatusCode);
        Assert.Contains(expected, await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<JsonNode>> TypesAsync() => [.. (await Server.GetAsync("metadata")).Json["rest"]![0]!["resource"]!.AsArray().Select(r => r!)];
}

public sealed class SqliteCapabilityTests(SqliteServer server) : CapabilityTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresCapabilityTests(PostgresServer server) : CapabilityTests(server), IClassFixture<PostgresServer>;
