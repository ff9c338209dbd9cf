using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary>Codes over HTTP, from the fragments that come with the program.</summary>
public sealed class TerminologyTests(SqliteServer server) : OnServer(server), IClassFixture<SqliteServer>
{
    private const string Icd = "http://hl7.org/fhir/sid/icd-10-cm";

    [Fact]
    public async Task Lookup_tells_what_a_code_means_whether_asked_by_address_or_by_body()
    {
        var byAddress = await Server.GetAsync($"CodeSystem/$lookup?system={Icd}&code=I10");
        var byBody = await Server.PostAsync("CodeSystem/$lookup",
            $$$"""{"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"{{{Icd}}}","code":"I10"}}]}""");

        Assert.Contains("hypertension", Value(byAddress, "display", "valueString"), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(byAddress.Body, byBody.Body);
        Assert.True(Property(byAddress, "billable")!["valueBoolean"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_category_is_a_code_but_not_billable_and_names_its_children()
    {
        var lookup = await Server.GetAsync($"CodeSystem/$lookup?system={Icd}&code=E11");
        var validation = await Server.GetAsync($"CodeSystem/$validate-code?url={Icd}&code=E11");

        Assert.False(Property(lookup, "billable")!["valueBoolean"]!.GetValue<bool>());
        Assert.NotNull(Property(lookup, "child"));
        Assert.True(IsValid(validation));
        Assert.Contains("cannot be billed itself", Value(validation, "message", "valueString"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validity_depends_on_the_day_of_service()
    {
        Assert.True(IsValid(await Server.GetAsync($"CodeSystem/$validate-code?url={Icd}&code=I10&date=2024-05-01")));

        var unknown = await Server.GetAsync($"CodeSystem/$validate-code?url={Icd}&code=Z99999&date=2024-05-01");
        Assert.False(IsValid(unknown));
        Assert.Contains("Z99999", Value(unknown, "message", "valueString"), StringComparison.Ordinal);
        Assert.Contains("2024-05-01", Value(unknown, "message", "valueString"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hypertension", "I10")]
    [InlineData("I1", "I10")]
    [InlineData("low back pain", "M54.50")]
    public async Task A_filter_of_words_or_of_the_beginning_of_a_code_finds_it(string filter, string expected)
    {
        var reply = await Server.GetAsync($"ValueSet/$expand?url={Icd}%3Ffhir_vs&filter={Uri.EscapeDataString(filter)}&count=10");

        Assert.True(reply.Status == 200, reply.Body);
        var found = reply.Json["expansion"]!["contains"]!.AsArray();
        Assert.InRange(found.Count, 1, 10);
        Assert.Contains(found, c => c!["code"]!.GetValue<string>() == expected);
        Assert.All(found, c => Assert.Equal(Icd, c!["system"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm", 400, "Say which code")]
    [InlineData("CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=NOPE", 404, "NOPE")]
    [InlineData("CodeSystem/$lookup?system=http://nobody.example&code=1", 404, "http://nobody.example is not here")]
    [InlineData("CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=I10&date=May", 400, "YYYY-MM-DD")]
    [InlineData("CodeSystem/$lookup?sistem=x&code=I10", 400, "Did you mean 'system'?")]
    [InlineData("CodeSystem/$lokup", 404, "did you mean $lookup?")]
    [InlineData("CodeSystem/$subsumes?system=http://hl7.org/fhir/sid/icd-10-cm&codeA=E11", 400, "codeB")]
    [InlineData("CodeSystem/$validate-code?code=I10", 400, "url=")]
    [InlineData("ValueSet/$expand?filter=x", 400, "?fhir_vs")]
    [InlineData("ValueSet/$expand?url=http://example.org/vs/mine&filter=x", 404, "http://example.org/vs/mine is not known here")]
    [InlineData("ValueSet/$expand?url=http://snomed.info/sct%3Ffhir_vs", 422, "SNOMED CT is not loaded")]
    [InlineData("ValueSet/$expand?url=http://hl7.org/fhir/sid/icd-10-cm%3Ffhir_vs&count=many", 400, "number from 0")]
    [InlineData("ConceptMap/$translate?url=http://nobody.example&system=http://snomed.info/sct&code=1", 404, "http://nobody.example")]
    [InlineData("$closure?name=nothing&version=1", 404, "no closure table")]
    public async Task A_question_that_cannot_be_answered_is_refused_with_the_reason(string path, int status, string expected)
    {
        var reply = await Server.GetAsync(path);

        Assert.Equal((status, "OperationOutcome"), (reply.Status, reply.Json["resourceType"]!.GetValue<string>()));
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stored_value_set_is_expanded_searched_and_asked_by_url_and_by_id()
    {
        await Server.PutAsync("CodeSystem/shapes", """
            {"resourceType":"CodeSystem","id":"shapes","url":"http://x.org/shapes","version":"3","status":"active","content":"complete","caseSensitive":true,"copyright":"Shapes are free.","concept":[
             {"code":"round","display":"Round","concept":[{"code":"circle","display":"Circle","designation":[{"language":"de","value":"Kreis"}]}]},{"code":"square","display":"Square"}]}
            """);
        await Server.PutAsync("ValueSet/rounds", """
            {"resourceType":"ValueSet","id":"rounds","url":"http://x.org/vs/rounds","status":"active","compose":{"include":[{"system":"http://x.org/shapes","filter":[{"property":"concept","op":"is-a","value":"round"}]}]}}
            """);

        foreach (var path in (string[])["ValueSet/rounds/$expand?", "ValueSet/$expand?url=http://x.org/vs/rounds&"])
        {
            var all = await Server.GetAsync(path + "includeDesignations=true&displayLanguage=de");
            Assert.True(all.Status == 200, all.Body);
            Assert.Equal((2, "Shapes are free."), (all.Json["expansion"]!["total"]!.GetValue<int>(), all.Json["copyright"]!.GetValue<string>()));
            Assert.Equal("Kreis", all.Json["expansion"]!["contains"]![1]!["display"]!.GetValue<string>());
            Assert.Equal("circle", (await Server.GetAsync(path + "filter=circl")).Json["expansion"]!["contains"]![0]!["code"]!.GetValue<string>());
        }

        Assert.True(IsValid(await Server.GetAsync("ValueSet/rounds/$validate-code?system=http://x.org/shapes&code=circle")));
        var wrong = await Server.GetAsync("ValueSet/$validate-code?url=http://x.org/vs/rounds&system=http://x.org/shapes&code=square&unheard=of");
        Assert.False(IsValid(wrong));
        Assert.Contains("unheard", Parameter(wrong, "issues")!["resource"]!["issue"]![0]!["diagnostics"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("subsumes", Value(await Server.GetAsync("CodeSystem/shapes/$subsumes?codeA=round&codeB=circle"), "outcome", "valueCode"));
        var match = await Server.PostAsync("CodeSystem/$find-matches", """
            {"resourceType":"Parameters","parameter":[{"name":"system","valueUri":"http://x.org/shapes"},{"name":"exact","valueBoolean":true},{"name":"property","part":[{"name":"code","valueCode":"parent"},{"name":"value","valueCode":"round"}]}]}
            """);
        Assert.Equal("circle", Parameter(match, "match")!["part"]![0]!["valueCoding"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_value_set_and_a_map_may_come_with_the_question()
    {
        var expansion = await Server.PostAsync("ValueSet/$expand", """
            {"resourceType":"Parameters","parameter":[{"name":"excludeNested","valueBoolean":false},{"name":"valueSet","resource":{"resourceType":"ValueSet","status":"draft","compose":{"include":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","filter":[{"property":"concept","op":"is-a","value":"E11"}]}]}}}]}
            """);
        Assert.Equal("E11", expansion.Json["expansion"]!["contains"]!.AsArray().Single()!["code"]!.GetValue<string>());
        Assert.NotNull(expansion.Json["expansion"]!["contains"]![0]!["contains"]);

        var translation = await Server.PostAsync("ConceptMap/$translate", """
            {"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"urn:a","code":"1"}},{"name":"dependency","part":[{"name":"element","valueUri":"urn:room"},{"name":"concept","valueCodeableConcept":{"coding":[{"code":"bath"}]}}]},
             {"name":"conceptMap","resource":{"resourceType":"ConceptMap","status":"draft","group":[{"source":"urn:a","target":"urn:b","element":[{"code":"1","target":[{"code":"2","equivalence":"wider","dependsOn":[{"property":"urn:room","value":"bath"}]}]}]}]}}]}
            """);
        Assert.True(Parameter(translation, "result")!["valueBoolean"]!.GetValue<bool>(), translation.Body);
        Assert.Equal("2", Parameter(translation, "match")!["part"]![1]!["valueCoding"]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Our_maps_translate_and_a_closure_table_grows()
    {
        var translation = await Server.GetAsync($"ConceptMap/$translate?system=http://snomed.info/sct&code=38341003&targetsystem={Icd}");
        Assert.True(Parameter(translation, "result")!["valueBoolean"]!.GetValue<bool>(), translation.Body);

        await Server.PostAsync("$closure", """{"resourceType":"Parameters","parameter":[{"name":"name","valueString":"mine"}]}""");
        var grown = await Server.PostAsync("$closure", $$$"""
            {"resourceType":"Parameters","parameter":[{"name":"name","valueString":"mine"},{"name":"concept","valueCoding":{"system":"{{{Icd}}}","code":"E11"}},{"name":"concept","valueCoding":{"system":"{{{Icd}}}","code":"E11.9"}}]}
            """);
        Assert.Equal("E11.9", grown.Json["group"]![0]!["element"]![0]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_terminology_statement_lists_systems_with_their_freshness()
    {
        var statement = await Server.GetAsync("metadata?mode=terminology");

        Assert.Equal("TerminologyCapabilities", statement.Json["resourceType"]!.GetValue<string>());
        var icd = statement.Json["codeSystem"]!.AsArray().Single(s => s!["uri"]!.GetValue<string>() == Icd)!;
        Assert.Equal("icd10cm-fragment", icd["version"]![0]!["code"]!.GetValue<string>());
        Assert.Contains("fragment", icd["version"]![0]!["extension"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private static bool IsValid(Reply reply) => Parameter(reply, "result")!["valueBoolean"]!.GetValue<bool>();

    private static string Value(Reply reply, string name, string member) => Parameter(reply, name)![member]!.GetValue<string>();

    private static JsonNode? Parameter(Reply reply, string name) => reply.Json["parameter"]!.AsArray().FirstOrDefault(p => p!["name"]!.GetValue<string>() == name);

    /// <summary>The value part of the first property of that code.</summary>
    private static JsonNode? Property(Reply reply, string code) => reply.Json["parameter"]!.AsArray()
        .Where(p => p!["name"]!.GetValue<string>() == "property").Select(p => p!["part"]!.AsArray())
        .FirstOrDefault(parts => parts[0]!["valueCode"]!.GetValue<string>() == code)?[1];
}
