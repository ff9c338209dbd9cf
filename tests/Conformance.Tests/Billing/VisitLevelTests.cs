using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary><c>Encounter/[id]/$em-level</c> over HTTP: the level of a visit from the resources that document it.</summary>
public abstract class VisitLevelTests(BillingServer server) : OnServer(server)
{
    private readonly string mark = Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task The_level_stands_on_the_resources_of_the_visit_whether_asked_by_GET_or_POST()
    {
        await SeedAsync();

        var read = await Server.GetAsync($"Encounter/{mark}/$em-level");
        var posted = await Server.PostAsync($"Encounter/{mark}/$em-level", """{"resourceType":"Parameters","parameter":[{"name":"date","valueDate":"2026-03-02"}]}""");

        Assert.True(read.Status == 200, read.Body);
        Assert.Equal(read.Body, posted.Body);
        var answer = read.Json;
        Assert.Equal("99204", Named(answer, "code").Single()["valueCode"]!.GetValue<string>()); // nobody saw the patient before
        Assert.Equal("mdm", Named(answer, "basis").Single()["valueCode"]!.GetValue<string>());
        Assert.Equal(["moderate", "moderate", "moderate"], new[] { "problems", "data", "risk" }.Select(e => Part(Named(answer, e).Single(), "level")!["valueCode"]!.GetValue<string>()));
        Assert.Equal(
            [$"Condition/{mark}", $"DocumentReference/{mark}", $"MedicationRequest/{mark}", $"ServiceRequest/{mark}-cbc", $"ServiceRequest/{mark}-cxr"],
            Named(answer, "fact").Select(f => Part(f, "reference")!["valueReference"]!["reference"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(Named(answer, "fact"), f => Assert.Equal("documented", Part(f, "confidence")!["valueCode"]!.GetValue<string>()));
        Assert.Contains(Named(answer, "missing"), m => m["valueString"]!.GetValue<string>().StartsWith("99205 by time: a statement of at least 60 minutes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_caller_may_name_the_setting()
    {
        await SeedAsync();

        var reply = await Server.GetAsync($"Encounter/{mark}/$em-level?setting=emergency");

        Assert.Equal("99284", Named(reply.Json, "code").Single()["valueCode"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_cannot_be_judged_is_refused_with_the_reason()
    {
        await SeedAsync();
        await PutAsync("Encounter", $"{mark}-undated", $$$""" "status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/{{{mark}}}"} """);

        var unknown = await Server.GetAsync("Encounter/nobody/$em-level");
        var undated = await Server.GetAsync($"Encounter/{mark}-undated/$em-level");
        var outside = await Server.GetAsync($"Encounter/{mark}/$em-level?date=2026-03-09");
        var misdated = await Server.GetAsync($"Encounter/{mark}/$em-level?date=soon");
        var elsewhere = await Server.GetAsync($"Encounter/{mark}/$em-level?setting=ofice");
        var mistyped = await Server.GetAsync($"Encounter/{mark}/$em-level?seting=office");

        Assert.Equal((404, 422, 422, 400, 400, 400), (unknown.Status, undated.Status, outside.Status, misdated.Status, elsewhere.Status, mistyped.Status));
        Assert.Contains("has no start date", undated.Diagnostics, StringComparison.Ordinal);
        Assert.Contains("is outside", outside.Diagnostics, StringComparison.Ordinal);
        Assert.Contains("it is one of office, ", elsewhere.Diagnostics, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'setting'?", mistyped.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_capabilities_list_it()
    {
        var encounter = (await Server.GetAsync("metadata")).Json["rest"]![0]!["resource"]!.AsArray().Single(r => r!["type"]!.GetValue<string>() == "Encounter")!;

        Assert.Contains(encounter["operation"]!.AsArray(), o => o!["name"]!.GetValue<string>() == "em-level" && o["definition"]!.GetValue<string>() == "urn:fhiremr:OperationDefinition:Encounter-em-level");
    }

    /// <summary>A new patient with an exacerbation: two tests ordered, a note from elsewhere reviewed, a drug prescribed.</summary>
    private async Task SeedAsync()
    {
        await PutAsync("Organization", $"{mark}-practice", """ "name":"Practice" """);
        await PutAsync("Organization", $"{mark}-hospital", """ "name":"Hospital" """);
        await PutAsync("Practitioner", mark, """ "name":[{"family":"Doe"}] """);
        await PutAsync("Patient", mark, """ "birthDate":"1970-01-01" """);
        await PutAsync("Condition", mark, $$$"""
            "subject":{"reference":"Patient/{{{mark}}}"},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"J44.1"}]},
            "extension":[{"url":"urn:fhiremr:course","valueCode":"exacerbation"}]
            """);
        await PutAsync("Encounter", mark, $$$"""
            "status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"subject":{"reference":"Patient/{{{mark}}}"},
            "participant":[{"individual":{"reference":"Practitioner/{{{mark}}}"}}],"serviceProvider":{"reference":"Organization/{{{mark}}}-practice"},
            "period":{"start":"2026-03-02T15:00:00Z","end":"2026-03-02T15:40:00Z"},"diagnosis":[{"condition":{"reference":"Condition/{{{mark}}}"}}]
            """);
        await PutAsync("Composition", mark, $$$"""
            "status":"final","type":{"text":"Note"},"title":"Note","date":"2026-03-02T15:45:00Z","subject":{"reference":"Patient/{{{mark}}}"},"encounter":{"reference":"Encounter/{{{mark}}}"},
            "author":[{"reference":"Practitioner/{{{mark}}}"}],
            "section":[{"title":"Assessment","code":{"coding":[{"system":"http://loinc.org","code":"51848-0"}]},"entry":[{"reference":"Condition/{{{mark}}}"}]}]
            """);
        foreach (var (id, code) in new[] { ("cxr", "71046"), ("cbc", "85025") })
            await PutAsync("ServiceRequest", $"{mark}-{id}", $$$"""
                "status":"active","intent":"order","subject":{"reference":"Patient/{{{mark}}}"},"encounter":{"reference":"Encounter/{{{mark}}}"},"authoredOn":"2026-03-02T15:10:00Z",
                "code":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"{{{code}}}"}]}
                """);
        await PutAsync("MedicationRequest", mark, $$$"""
            "status":"active","intent":"order","subject":{"reference":"Patient/{{{mark}}}"},"encounter":{"reference":"Encounter/{{{mark}}}"},"authoredOn":"2026-03-02T15:20:00Z",
            "medicationCodeableConcept":{"text":"prednisone 20 MG"}
            """);
        await PutAsync("DocumentReference", mark, $$$"""
            "status":"current","description":"ED note","subject":{"reference":"Patient/{{{mark}}}"},"author":[{"reference":"Organization/{{{mark}}}-hospital"}],
            "content":[{"attachment":{"contentType":"text/plain","title":"ED note"}}]
            """);
        await PutAsync("Provenance", mark, $$$"""
            "target":[{"reference":"DocumentReference/{{{mark}}}"}],"recorded":"2026-03-02T15:05:00Z","activity":{"coding":[{"code":"review"}]},
            "agent":[{"who":{"reference":"Practitioner/{{{mark}}}"}}]
            """);
    }

    private async Task PutAsync(string type, string id, string elements)
    {
        var reply = await Server.PutAsync($"{type}/{id}", $$$"""{"resourceType":"{{{type}}}","id":"{{{id}}}",{{{elements}}}}""");
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }

    private static IEnumerable<JsonNode> Named(JsonNode answer, string name) => answer["parameter"]!.AsArray().Where(p => p!["name"]!.GetValue<string>() == name).Select(p => p!);

    private static JsonNode? Part(JsonNode parameter, string name) => parameter["part"]!.AsArray().FirstOrDefault(p => p!["name"]!.GetValue<string>() == name);
}

public sealed class SqliteVisitLevelTests(SqliteBilling server) : VisitLevelTests(server), IClassFixture<SqliteBilling>;

public sealed class PostgresVisitLevelTests(PostgresBilling server) : VisitLevelTests(server), IClassFixture<PostgresBilling>;
