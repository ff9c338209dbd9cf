using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Operations;

/// <summary><c>$validate</c> and the validation of writes over HTTP; without packages, so with definitions that the tests store themselves.</summary>
public sealed class ValidateTests(ValidatingServer server) : IClassFixture<ValidatingServer>
{
    private const string Profile = """
        {"resourceType":"StructureDefinition","id":"born","url":"urn:test:born","version":"1.0.0","name":"Born","status":"active","kind":"resource","abstract":false,"type":"Patient","derivation":"constraint",
         "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient",
         "snapshot":{"element":[{"id":"Patient","path":"Patient"},{"id":"Patient.birthDate","path":"Patient.birthDate","min":1,"max":"1"}]}}
        """;

    [Fact]
    public async Task What_cannot_be_read_is_an_answer_and_not_a_refusal()
    {
        var malformed = await server.PostAsync("Patient/$validate", "{\"resourceType\":\"Patient\",");
        var unknown = await server.PostAsync("Patient/$validate", """{"resourceType":"Patient","nonsense":1}""");

        Assert.Equal((200, 200), (malformed.Status, unknown.Status));
        Assert.Equal("error malformed", Issues(malformed)[0]);
        Assert.Contains("error unknown-element", Issues(unknown));
        Assert.Equal(["Patient"], unknown.Json["issue"]![0]!["expression"]!.AsArray().Select(e => e!.GetValue<string>()));
    }

    [Fact]
    public async Task A_resource_without_faults_is_called_valid_sent_raw_in_Parameters_or_in_XML()
    {
        var raw = await server.PostAsync("Observation/$validate", """{"resourceType":"Observation","status":"final","code":{"text":"x"}}""");
        var wrapped = await server.PostAsync("Observation/$validate", """{"resourceType":"Parameters","parameter":[{"name":"mode","valueCode":"create"},{"name":"resource","resource":{"resourceType":"Observation","status":"final","code":{"text":"x"}}}]}""");
        var xml = await server.SendAsync(HttpMethod.Post, "Observation/$validate", """<Observation xmlns="http://hl7.org/fhir"><status value="final"/><code><text value="x"/></code></Observation>""", "application/fhir+xml");

        Assert.All([raw, wrapped, xml], reply => Assert.Equal("information valid", Issues(reply)[0]));
    }

    [Fact]
    public async Task A_profile_stored_here_is_known_at_once_and_forgotten_when_it_is_deleted()
    {
        const string patient = """{"resourceType":"Patient","active":true}""";
        Assert.Equal(201, (await server.PutAsync("StructureDefinition/born", Profile)).Status);
        Assert.Contains("error min-cardinality", Issues(await server.PostAsync("Patient/$validate?profile=urn:test:born", patient)));
        Assert.Contains("error min-cardinality", Issues(await server.PostAsync("Patient/$validate?profile=urn:test:born%7C1.0.0&mode=profile", patient)));

        await server.DeleteAsync("StructureDefinition/born");
        Assert.Contains("error profile-unknown", Issues(await server.PostAsync("Patient/$validate?profile=urn:test:born", patient)));
    }

    [Fact]
    public async Task An_instance_is_validated_where_it_is_and_its_id_and_referrers_by_mode()
    {
        await server.PutAsync("Organization/o", """{"resourceType":"Organization","id":"o","name":"O"}""");
        await server.PutAsync("Location/l", """{"resourceType":"Location","id":"l","name":"L","managingOrganization":{"reference":"Organization/o"}}""");

        Assert.Equal("information valid", Issues(await server.GetAsync("Organization/o/$validate"))[0]);
        Assert.Equal(404, (await server.GetAsync("Organization/none/$validate")).Status);
        Assert.Contains("error id-mismatch", Issues(await server.PostAsync("Organization/o/$validate?mode=update", """{"resourceType":"Organization","id":"p","name":"O"}""")));
        Assert.Equal(["error delete-referenced"], Issues(await server.PostAsync("Organization/o/$validate?mode=delete", "")));
        Assert.Equal(["information valid"], Issues(await server.PostAsync("Location/l/$validate?mode=delete", "")));
    }

    [Fact]
    public async Task References_are_followed_into_the_store_where_that_is_asked_for()
    {
        await server.PutAsync("StructureDefinition/open", """
            {"resourceType":"StructureDefinition","id":"open","url":"urn:test:open","name":"Open","status":"active","kind":"resource","abstract":false,"type":"Organization","derivation":"constraint",
             "snapshot":{"element":[{"id":"Organization","path":"Organization"},{"id":"Organization.active","path":"Organization.active","min":1,"max":"1"}]}}
            """);
        await server.PutAsync("StructureDefinition/placed", """
            {"resourceType":"StructureDefinition","id":"placed","url":"urn:test:placed","name":"Placed","status":"active","kind":"resource","abstract":false,"type":"Location","derivation":"constraint",
             "snapshot":{"element":[{"id":"Location","path":"Location"},
              {"id":"Location.managingOrganization","path":"Location.managingOrganization","min":0,"max":"1","type":[{"code":"Reference","targetProfile":["urn:test:open"]}]}]}}
            """);
        await server.PutAsync("Organization/r-open", """{"resourceType":"Organization","id":"r-open","name":"O","active":true}""");
        await server.PutAsync("Organization/r-silent", """{"resourceType":"Organization","id":"r-silent","name":"O"}""");

        Assert.DoesNotContain(await IssuesOfAsync("Organization/r-open"), i => i.StartsWith("error", StringComparison.Ordinal));
        Assert.DoesNotContain(await IssuesOfAsync("Organization/r-open/_history/1"), i => i.StartsWith("error", StringComparison.Ordinal));
        Assert.Contains("error reference-target-profile", await IssuesOfAsync("Organization/r-silent"));
        Assert.Contains("error reference-unresolved", await IssuesOfAsync("Organization/r-none"));
        Assert.DoesNotContain(await IssuesOfAsync("http://elsewhere/Organization/r-none"), i => i.StartsWith("error", StringComparison.Ordinal));

        async Task<string[]> IssuesOfAsync(string reference) => Issues(await server.PostAsync("Location/$validate?profile=urn:test:placed",
            $$$"""{"resourceType":"Location","name":"L","managingOrganization":{"reference":"{{{reference}}}"}}"""));
    }

    [Theory]
    [InlineData("Patient/$validate?mode=nonsense", """{"resourceType":"Patient","active":true}""")]
    [InlineData("Patient/$validate?mode=profile", """{"resourceType":"Patient","active":true}""")]
    [InlineData("Patient/$validate?foo=1", """{"resourceType":"Patient","active":true}""")]
    [InlineData("Patient/$validate", """{"resourceType":"Observation","status":"final","code":{"text":"x"}}""")]
    [InlineData("Patient/$validate", "")]
    public async Task A_call_that_asks_for_nothing_is_refused(string path, string body) => Assert.Equal(400, (await server.PostAsync(path, body)).Status);

    [Fact]
    public async Task A_strict_type_refuses_errors_and_a_type_that_is_warned_of_stores_and_tells()
    {
        const string group = """{"resourceType":"Group","type":"person","actual":true,"contained":[{"resourceType":"Patient","active":true}]}""";
        const string basic = """{"resourceType":"Basic","code":{"text":"x"},"contained":[{"resourceType":"Patient","active":true}]}""";
        const string list = """{"resourceType":"List","status":"current","mode":"working","contained":[{"resourceType":"Patient","active":true}]}""";

        var refused = await server.PostAsync("Group", group);
        Assert.Equal(422, refused.Status);
        Assert.Contains("error contained-id", Issues(refused));
        var told = await server.PostAsync("Basic", basic, ("Prefer", "return=OperationOutcome"));
        Assert.Equal(201, told.Status);
        Assert.Contains("error contained-id", Issues(told));
        Assert.Equal(201, (await server.PostAsync("List", list)).Status);
        Assert.DoesNotContain("contained-id", (await server.PostAsync("Basic", basic)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_transaction_the_refusal_names_its_entry()
    {
        var reply = await server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"request":{"method":"POST","url":"Basic"},"resource":{"resourceType":"Basic","code":{"text":"x"}}},
              {"request":{"method":"POST","url":"Group"},"resource":{"resourceType":"Group","type":"person","actual":true,"contained":[{"resourceType":"Patient","active":true}]}}]}
            """);

        Assert.Equal(422, reply.Status);
        Assert.StartsWith("Bundle.entry[1].resource", reply.Json["issue"]![0]!["expression"]![0]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static string[] Issues(Reply reply) =>
        [.. reply.Json["issue"]!.AsArray().Select(i => $"{i!["severity"]!.GetValue<string>()} {(i["details"]!["coding"] as JsonArray)?[0]!["code"]!.GetValue<string>()}".TrimEnd())];
}

/// <summary>A server that refuses faulty Groups, warns of faulty Basics, and follows references into its store.</summary>
public sealed class ValidatingServer() : ServerFixture(null)
{
    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Definitions:Folder"] = Path.Combine(Path.GetTempPath(), "no-such-folder-of-packages"),
        ["Validation:References"] = "store",
        ["Validation:Write:Types:Group"] = "strict",
        ["Validation:Write:Types:Basic"] = "warn",
    };
}
