using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>Canonicals lead to the definition with their URL and version, the newest where they give none, and to resources of this server by type and id.</summary>
public abstract class CanonicalTests(ServerFixture fixture) : OnServer(fixture)
{
    private readonly string mark = "c" + Guid.NewGuid().ToString("N")[..10];

    [Fact]
    public async Task An_include_brings_the_version_named_and_the_newest_where_none_is()
    {
        await ChartAsync();

        await IncludesAsync("QuestionnaireResponse", "one", "QuestionnaireResponse:questionnaire", "Questionnaire/q1");
        await IncludesAsync("QuestionnaireResponse", "open", "QuestionnaireResponse:questionnaire", "Questionnaire/q10");
        await IncludesAsync("QuestionnaireResponse", "none", "QuestionnaireResponse:questionnaire");
        await IncludesAsync("QuestionnaireResponse", "open", "QuestionnaireResponse:*", "Questionnaire/q10");
        await IncludesAsync("PlanDefinition", "plan", "PlanDefinition:definition", "ActivityDefinition/act", "Questionnaire/q9");
        await IncludesAsync("PlanDefinition", "plan", "PlanDefinition:definition:Questionnaire", "Questionnaire/q9");
        await IncludesAsync("PlanDefinition", "plan", "PlanDefinition:depends-on", "Library/l2");
    }

    [Fact]
    public async Task A_reverse_include_brings_what_names_this_version_and_to_the_newest_what_names_none()
    {
        await ChartAsync();

        await IncludesAsync("Questionnaire", "q1", "QuestionnaireResponse:questionnaire", isReverse: true, "QuestionnaireResponse/one");
        await IncludesAsync("Questionnaire", "q9", "QuestionnaireResponse:questionnaire", isReverse: true);
        await IncludesAsync("Questionnaire", "q10", "QuestionnaireResponse:questionnaire", isReverse: true, "QuestionnaireResponse/open");
        await IncludesAsync("Questionnaire", "q9", "*", isReverse: true, "PlanDefinition/plan");
        await IncludesAsync("Library", "l2", "PlanDefinition:depends-on", isReverse: true, "PlanDefinition/plan");
        await IncludesAsync("Library", "l1", "PlanDefinition:depends-on", isReverse: true);
    }

    [Fact]
    public async Task A_new_version_becomes_what_is_meant_and_then_is_still_then()
    {
        await ChartAsync();
        await Task.Delay(20, TestContext.Current.CancellationToken);
        var then = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        await PutAsync("Questionnaire", "q11", $"\"url\":\"http://example.org/{mark}\",\"version\":\"1.11\",\"status\":\"active\"");
        await PutAsync("Questionnaire", "q10", $"\"url\":\"http://example.org/{mark}\",\"version\":\"1.10.1\",\"status\":\"retired\"");

        await IncludesAsync("QuestionnaireResponse", "open", "QuestionnaireResponse:questionnaire", "Questionnaire/q11");
        await IncludesAsync("Questionnaire", "q11", "QuestionnaireResponse:questionnaire", isReverse: true, "QuestionnaireResponse/open");
        Assert.Equal(["match QuestionnaireResponse/open 1", "include Questionnaire/q10 1"], await EntriesAsync($"QuestionnaireResponse?_id={mark}-open&_include=QuestionnaireResponse:questionnaire&_asOf={then}"));
        Assert.Equal(["match Questionnaire/q10 1", "include QuestionnaireResponse/open 1"], await EntriesAsync($"Questionnaire?_id={mark}-q10&_revinclude=QuestionnaireResponse:questionnaire&_asOf={then}"));
    }

    [Fact]
    public async Task Relative_canonicals_are_found_by_id_by_type_and_id_and_by_address()
    {
        await ChartAsync();
        foreach (var value in new[] { $"Library/{mark}-l2", $"{Server.BaseUrl}/Library/{mark}-l2", $"{mark}-l2" })
            Assert.Equal([$"{mark}-plan"], (await Server.GetAsync($"PlanDefinition?depends-on={Uri.EscapeDataString(value)}")).Ids);
        Assert.Empty((await Server.GetAsync($"PlanDefinition?depends-on=Library/{mark}-l2|7")).Ids);
        Assert.Empty((await Server.GetAsync($"PlanDefinition?depends-on=Library/{mark}-l1")).Ids);

        await PutAsync("PlanDefinition", "plan", $"\"status\":\"draft\",\"library\":[\"Library/{mark}-l1|3\"]");
        Assert.Equal([$"{mark}-plan"], (await Server.GetAsync($"PlanDefinition?depends-on=Library/{mark}-l1|3")).Ids);
        Assert.Equal([$"{mark}-plan"], (await Server.GetAsync($"PlanDefinition?depends-on=Library/{mark}-l1")).Ids);
        Assert.Empty((await Server.GetAsync($"PlanDefinition?depends-on=Library/{mark}-l2")).Ids);
        await IncludesAsync("PlanDefinition", "plan", "PlanDefinition:depends-on"); // the library has another version
    }

    /// <summary>Three versions of a questionnaire, answers to them, and a plan that names definitions in each way.</summary>
    private async Task ChartAsync()
    {
        foreach (var version in new[] { "1", "9", "10" })
            await PutAsync("Questionnaire", "q" + version, $"\"url\":\"http://example.org/{mark}\",\"version\":\"1.{version}\",\"status\":\"active\"");
        await PutAsync("ActivityDefinition", "act", $"\"url\":\"http://example.org/{mark}/act\",\"status\":\"active\"");
        foreach (var library in new[] { "l1", "l2" })
            await PutAsync("Library", library, "\"status\":\"draft\",\"type\":{\"text\":\"x\"}");
        foreach (var (id, canonical) in new[] { ("one", "|1.1"), ("open", ""), ("none", "|7") })
            await PutAsync("QuestionnaireResponse", id, $"\"status\":\"completed\",\"questionnaire\":\"http://example.org/{mark}{canonical}\"");
        await PutAsync("PlanDefinition", "plan", $$"""
            "status":"draft","library":["Library/{{mark}}-l2"],
            "action":[{"definitionCanonical":"http://example.org/{{mark}}/act"},{"definitionCanonical":"http://example.org/{{mark}}|1.9"}]
            """);
    }

    private async Task PutAsync(string type, string id, string more)
    {
        var reply = await Server.PutAsync($"{type}/{mark}-{id}", $$"""{"resourceType":"{{type}}","id":"{{mark}}-{{id}}",{{more}}}""");
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }

    private Task IncludesAsync(string type, string id, string include, params string[] expected) => IncludesAsync(type, id, include, isReverse: false, expected);

    private async Task IncludesAsync(string type, string id, string include, bool isReverse, params string[] expected)
    {
        var entries = await EntriesAsync($"{type}?_id={mark}-{id}&{(isReverse ? "_revinclude" : "_include")}={include}");
        Assert.Equal(expected, entries.Where(e => e.StartsWith("include ", StringComparison.Ordinal)).Select(e => e.Split(' ')[1]).Order(StringComparer.Ordinal));
    }

    /// <summary>Mode, key (without the mark) and version of each entry.</summary>
    private async Task<IEnumerable<string>> EntriesAsync(string query)
    {
        var reply = await Server.GetAsync(query);
        Assert.True(reply.Status == 200, reply.Body);
        return reply.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() != "outcome").Select(e =>
            $"{e["search"]!["mode"]} {e["resource"]!["resourceType"]}/{e["resource"]!["id"]!.GetValue<string>().Replace(mark + "-", "", StringComparison.Ordinal)} {e["resource"]!["meta"]!["versionId"]}");
    }
}

public sealed class SqliteCanonicalTests(SqliteServer server) : CanonicalTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresCanonicalTests(PostgresServer server) : CanonicalTests(server), IClassFixture<PostgresServer>;
