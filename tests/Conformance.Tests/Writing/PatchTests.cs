using System.Text;
using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Writing;

/// <summary>http.html#patch over HTTP: by id and by condition, in both formats, alone and in Bundles.</summary>
public abstract class PatchTests(ServerFixture fixture) : OnServer(fixture)
{
    private const string Deactivate = """[{"op":"replace","path":"/active","value":false}]""";

    [Fact]
    public async Task A_JSON_patch_makes_the_next_version_and_the_index_follows()
    {
        await PutPatientAsync("p1");

        var reply = await Server.PatchAsync("Patient/p1", """[{"op":"test","path":"/active","value":true},{"op":"replace","path":"/name/0/family","value":"Patched"}]""");

        Assert.Equal((200, "W/\"2\""), (reply.Status, reply.ETag));
        Assert.Contains("\"family\":\"Patched\"", reply.Body, StringComparison.Ordinal);
        Assert.Equal(["p1"], (await Server.GetAsync("Patient?family=patched&_id=p1")).Ids);
        Assert.Equal("PATCH", (await Server.GetAsync("Patient/p1/_history")).Entries[0]["request"]!["method"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_FHIRPath_patch_comes_as_JSON_and_as_XML()
    {
        await PutPatientAsync("p2");

        var json = await Server.PatchAsync("Patient/p2", """
            {"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.name[0].family"},{"name":"value","valueString":"One"}]}]}
            """);
        var xml = await Server.SendAsync(HttpMethod.Patch, "Patient/p2", """
            <Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="add"/></part><part><name value="path"/><valueString value="Patient"/></part><part><name value="name"/><valueString value="gender"/></part><part><name value="value"/><valueCode value="female"/></part></parameter></Parameters>
            """, "application/fhir+xml");

        Assert.Equal((200, 200), (json.Status, xml.Status));
        Assert.Equal("W/\"3\"", xml.ETag);
        Assert.Equal(["p2"], (await Server.GetAsync("Patient?family=one&gender=female&_id=p2")).Ids);
    }

    [Fact]
    public async Task A_patch_that_changes_nothing_makes_no_version()
    {
        await PutPatientAsync("p3");
        var reply = await Server.PatchAsync("Patient/p3", """[{"op":"replace","path":"/active","value":true}]""");
        Assert.Equal((200, "W/\"1\""), (reply.Status, reply.ETag));
    }

    [Fact]
    public async Task If_Match_decides_before_the_patch_is_tried()
    {
        await PutPatientAsync("p4");

        Assert.Equal(412, (await Server.PatchAsync("Patient/p4", """[{"op":"remove","path":"/nothing"}]""", ("If-Match", "W/\"7\""))).Status);
        Assert.Equal(400, (await Server.PatchAsync("Patient/p4", Deactivate, ("If-Match", "soon"))).Status);
        Assert.Equal(200, (await Server.PatchAsync("Patient/p4", Deactivate, ("If-Match", "W/\"1\""))).Status);
    }

    [Fact]
    public async Task What_is_not_there_or_gone_cannot_be_patched()
    {
        await PutPatientAsync("p5");
        await Server.DeleteAsync("Patient/p5");

        Assert.Equal(410, (await Server.PatchAsync("Patient/p5", Deactivate)).Status);
        Assert.Equal(404, (await Server.PatchAsync("Patient/never", Deactivate)).Status);
    }

    [Fact]
    public async Task A_conditional_patch_needs_one_match()
    {
        await PutPatientAsync("p6", "cond");

        Assert.Equal(200, (await Server.PatchAsync("Patient?identifier=urn:patch|cond", Deactivate)).Status);
        Assert.Equal(404, (await Server.PatchAsync("Patient?identifier=urn:patch|nobody", Deactivate)).Status);
        await PutPatientAsync("p7", "cond");
        Assert.Equal(412, (await Server.PatchAsync("Patient?identifier=urn:patch|cond", Deactivate)).Status);
        Assert.Equal(400, (await Server.PatchAsync("Patient", Deactivate)).Status);
    }

    [Fact]
    public async Task Refusals_change_nothing_and_name_the_operation()
    {
        await PutPatientAsync("p8");

        var wrong = await Server.PatchAsync("Patient/p8", """[{"op":"replace","path":"/active","value":false},{"op":"remove","path":"/name/4"}]""");
        Assert.Equal(422, wrong.Status);
        Assert.Contains("Operation 1", wrong.Diagnostics, StringComparison.Ordinal);
        var structure = await Server.PatchAsync("Patient/p8", """[{"op":"add","path":"/nickname","value":"x"}]""");
        Assert.Equal(422, structure.Status);
        Assert.Equal("W/\"1\"", (await Server.GetAsync("Patient/p8")).ETag);
    }

    [Theory]
    [InlineData("application/xml-patch+xml", "XML Patch")]
    [InlineData("application/merge-patch+json", "Merge Patch")]
    [InlineData("text/plain", "text/plain")]
    public async Task Other_formats_are_refused_by_name_with_those_taken(string contentType, string text)
    {
        var reply = await Server.SendAsync(HttpMethod.Patch, "Patient/p1", "x", contentType);

        Assert.Equal(415, reply.Status);
        Assert.Contains(text, reply.Diagnostics, StringComparison.Ordinal);
        Assert.Contains("application/json-patch+json", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prefer_is_kept()
    {
        await PutPatientAsync("p9");

        Assert.Empty((await Server.PatchAsync("Patient/p9", Deactivate, ("Prefer", "return=minimal"))).Body);
        Assert.Contains("unchanged as version 2", (await Server.PatchAsync("Patient/p9", Deactivate, ("Prefer", "return=OperationOutcome"))).Diagnostics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("transaction")]
    [InlineData("batch")]
    public async Task Bundles_carry_patches_as_Binary_and_as_Parameters(string type)
    {
        await PutPatientAsync("b1-" + type);
        await PutPatientAsync("b2-" + type, "in-" + type);
        var binary = Convert.ToBase64String(Encoding.UTF8.GetBytes(Deactivate));

        var reply = await Server.PostAsync("", $$"""
            {"resourceType":"Bundle","type":"{{type}}","entry":[
              {"resource":{"resourceType":"Binary","contentType":"application/json-patch+json","data":"{{binary}}"},"request":{"method":"PATCH","url":"Patient/b1-{{type}}","ifMatch":"W/\"1\""} },
              {"resource":{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.active"},{"name":"value","valueBoolean":false}]}]},"request":{"method":"PATCH","url":"Patient?identifier=urn:patch|in-{{type}}"} }]}
            """);

        Assert.Equal(["200", "200"], reply.Entries.Select(e => e["response"]!["status"]!.GetValue<string>()));
        Assert.Contains("\"active\":false", (await Server.GetAsync("Patient/b1-" + type)).Body, StringComparison.Ordinal);
        Assert.Contains("\"active\":false", (await Server.GetAsync("Patient/b2-" + type)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_transaction_a_patch_that_does_not_fit_undoes_all_and_names_its_entry()
    {
        await PutPatientAsync("t1");

        var reply = await Server.PostAsync("", """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Patient","identifier":[{"system":"urn:patch","value":"undone"}]},"request":{"method":"POST","url":"Patient"}},
              {"resource":{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.photo"},{"name":"value","valueBoolean":false}]}]},"request":{"method":"PATCH","url":"Patient/t1"}}]}
            """);

        Assert.Equal(422, reply.Status);
        Assert.Contains("Entry 1: Operation 0", reply.Diagnostics, StringComparison.Ordinal);
        Assert.Empty((await Server.GetAsync("Patient?identifier=urn:patch|undone")).Entries);
    }

    [Fact]
    public async Task A_patch_in_a_transaction_may_refer_to_what_the_transaction_creates()
    {
        await PutPatientAsync("t2");
        var patch = Convert.ToBase64String(Encoding.UTF8.GetBytes("""[{"op":"add","path":"/managingOrganization","value":{"reference":"urn:uuid:org"}}]"""));

        var reply = await Server.PostAsync("", $$"""
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":{"resourceType":"Binary","contentType":"application/json-patch+json","data":"{{patch}}"},"request":{"method":"PATCH","url":"Patient/t2"} },
              {"fullUrl":"urn:uuid:org","resource":{"resourceType":"Organization","name":"O"},"request":{"method":"POST","url":"Organization"} }]}
            """);

        Assert.Equal(200, reply.Status);
        var organization = reply.Entries[1]["response"]!["location"]!.GetValue<string>().Split('/')[^3];
        Assert.Equal(["t2"], (await Server.GetAsync($"Patient?organization=Organization/{organization}")).Ids);
    }

    [Fact]
    public async Task Parallel_patches_of_different_places_all_hold()
    {
        await PutPatientAsync("race");

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            Server.PatchAsync("Patient/race", $$"""[{"op":"add","path":"/name/-","value":{"family":"F{{i}}"} }]""")));

        var held = replies.Count(r => r.Status == 200);
        Assert.All(replies, r => Assert.True(r.Status is 200 or 409, r.Body));
        Assert.Equal(1 + held, (await Server.GetAsync("Patient/race")).Json["name"]!.AsArray().Count);
    }

    private Task<Reply> PutPatientAsync(string id, string? identifier = null) => Server.PutAsync("Patient/" + id,
        $$"""{"resourceType":"Patient","id":"{{id}}","active":true,"identifier":[{"system":"urn:patch","value":"{{identifier ?? id}}"}],"name":[{"family":"Before"}]}""");
}

public sealed class SqlitePatchTests(SqliteServer server) : PatchTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresPatchTests(PostgresServer server) : PatchTests(server), IClassFixture<PostgresServer>;
