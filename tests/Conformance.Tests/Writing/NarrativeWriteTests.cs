using System.Text.Json;
using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Writing;

/// <summary>No road into the record is open to a narrative that runs something (security S-79), and what is harmless comes back as it was sent.</summary>
public abstract class NarrativeWriteTests(ServerFixture fixture) : OnServer(fixture)
{
    private const string Attack = """<div xmlns="http://www.w3.org/1999/xhtml"><a href="&#x1F;java&#10;script:alert(1)">x</a></div>""";
    private const string Linked = """<div xmlns="http://www.w3.org/1999/xhtml"><a href=" &#106;ava&#10;script:alert(1)">x</a></div>""";
    private const string Harmless = """<div   xmlns='http://www.w3.org/1999/xhtml'><p class="a"  style='color: red'>Grüße &#160;<a href="Patient/1">y</a><br /></p></div>""";

    [Theory]
    [InlineData(Attack)]
    [InlineData(Linked)]
    public async Task A_create_and_an_update_are_refused_with_the_place(string div)
    {
        foreach (var reply in (Reply[])[await Server.PostAsync("Patient", Patient("n1", div)), await Server.PutAsync("Patient/n1", Patient("n1", div))])
            AssertRefused(reply, "Patient.text.div");
        Assert.Equal(404, (await Server.GetAsync("Patient/n1")).Status);
    }

    [Fact]
    public async Task XML_is_refused_alike()
    {
        var reply = await Server.SendAsync(HttpMethod.Post, "Patient", $"""<Patient xmlns="http://hl7.org/fhir"><text><status value="generated"/>{Linked}</text></Patient>""", "application/fhir+xml");

        AssertRefused(reply, "Patient.text.div");
    }

    [Fact]
    public async Task A_contained_resource_is_refused_with_its_own_place()
    {
        var contained = Patient("c", Linked);

        AssertRefused(await Server.PostAsync("Observation", $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"contained":[{{{contained}}}],"subject":{"reference":"#c"}}"""), "Observation.contained[0].text.div");
    }

    [Fact]
    public async Task Neither_kind_of_patch_brings_one_in()
    {
        await Server.PutAsync("Patient/n2", Patient("n2", Harmless));
        var div = JsonSerializer.Serialize(Linked);

        AssertRefused(await Server.PatchAsync("Patient/n2", $$"""[{"op":"replace","path":"/text/div","value":{{div}}}]"""), "Patient.text.div", status: 422);
        Assert.InRange((await Server.PatchAsync("Patient/n2", $$$"""
            {"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.text.div"},{"name":"value","valueString":{{{div}}}}]}]}
            """)).Status, 400, 422);
        Assert.Equal(Harmless, await DivAsync("n2"));
    }

    [Fact]
    public async Task A_transaction_is_refused_whole_and_a_batch_entry_does_not_get_in()
    {
        foreach (var type in (string[])["transaction", "batch"])
        {
            var reply = await Server.PostAsync("", $$$"""{"resourceType":"Bundle","type":"{{{type}}}","entry":[{"resource":{{{Patient("n3", Linked)}}},"request":{"method":"PUT","url":"Patient/n3"}}]}""");

            if (type == "transaction")
                AssertRefused(reply, "Bundle.entry[0].resource.text.div");
            else
            {
                var response = reply.Json["entry"]![0]!["response"]!;
                Assert.Equal((200, "400"), (reply.Status, response["status"]!.ToString()));
                Assert.Equal("Bundle.entry[0].resource.ofType(Patient).text.div", response["outcome"]!["issue"]![0]!["expression"]![0]!.ToString());
            }

            Assert.Equal(404, (await Server.GetAsync("Patient/n3")).Status);
        }
    }

    [Fact]
    public async Task What_passes_is_stored_as_sent()
    {
        Assert.Equal(201, (await Server.PutAsync("Patient/n4", Patient("n4", Harmless))).Status);

        Assert.Equal(Harmless, await DivAsync("n4"));
    }

    private static void AssertRefused(Reply reply, string expression, int status = 400)
    {
        Assert.True(reply.Status == status, $"{reply.Status} {reply.Body}");
        var issue = Assert.Single(reply.Json["issue"]!.AsArray())!;
        Assert.Equal(expression, issue["expression"]![0]!.GetValue<string>());
    }

    private async Task<string> DivAsync(string id) => (await Server.GetAsync($"Patient/{id}")).Json["text"]!["div"]!.GetValue<string>();

    private static string Patient(string id, string div) =>
        new JsonObject { ["resourceType"] = "Patient", ["id"] = id, ["text"] = new JsonObject { ["status"] = "generated", ["div"] = div } }.ToJsonString();
}

public sealed class SqliteNarrativeWriteTests(SqliteServer server) : NarrativeWriteTests(server), IClassFixture<SqliteServer>;
