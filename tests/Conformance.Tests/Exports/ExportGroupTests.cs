using System.Text.Json.Nodes;
using FhirEmr.Conformance.Tests.Access;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.Conformance.Tests.Exports;

/// <summary>Who belongs to a Group: single members that come and go, Groups within Groups, criteria; and what is told about what is exported.</summary>
public abstract class ExportGroupTests(ExportServer server) : OnServer(server)
{
    private new ExportServer Server => (ExportServer)base.Server;

    [Fact]
    public async Task Members_come_and_go_one_by_one()
    {
        await PutAsync("Patient/m-1", """{"resourceType":"Patient","id":"m-1","identifier":[{"system":"urn:members","value":"1"}]}""");
        await PutAsync("Patient/m-2", """{"resourceType":"Patient","id":"m-2"}""");
        await PutAsync("Practitioner/m-d", """{"resourceType":"Practitioner","id":"m-d","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}]}""");
        await PutAsync("Group/m", """{"resourceType":"Group","id":"m","type":"person","actual":true,"name":"Panel"}""");

        var added = await ChangeAsync("m", "member-add", """{"name":"memberId","valueIdentifier":{"system":"urn:members","value":"1"}}""",
            """{"name":"providerNpi","valueIdentifier":{"value":"1234567893"}}""", """{"name":"attributionPeriod","valuePeriod":{"start":"2020-01-01"}}""");
        Assert.Equal((200, "W/\"2\""), (added.Status, added.ETag));
        Assert.Equal(200, (await ChangeAsync("m", "member-add", """{"name":"patientReference","valueReference":{"reference":"Patient/m-2"}}""")).Status);
        Assert.Equal("W/\"3\"", (await ChangeAsync("m", "member-add", """{"name":"patientReference","valueReference":{"reference":"Patient/m-2"}}""")).ETag); // he is in it already
        var group = (await Server.GetAsync("Group/m")).Json;
        Assert.Equal(2, group["member"]!.AsArray().Count);
        Assert.Equal("Practitioner/m-d", group["member"]![0]!["extension"]![0]!["valueReference"]!["reference"]!.GetValue<string>());
        Assert.Equal("Panel", group["name"]!.GetValue<string>());
        Assert.Equal(["Patient/m-1", "Patient/m-2"], await Server.KeysAsync("Group/m/$export?_type=Patient"));

        Assert.Equal(200, (await ChangeAsync("m", "member-remove", """{"name":"patientReference","valueReference":{"reference":"Patient/m-1"}}""")).Status);
        Assert.Equal(["Patient/m-2"], await Server.KeysAsync("Group/m/$export?_type=Patient"));
        Assert.Equal(2, (await Server.GetAsync("Group/m")).Json["member"]!.AsArray().Count); // that he was one is still told
        Assert.Equal(200, (await ChangeAsync("m", "member-add", """{"name":"patientReference","valueReference":{"reference":"Patient/m-1"}}""")).Status);
        Assert.Equal(["Patient/m-1", "Patient/m-2"], await Server.KeysAsync("Group/m/$export?_type=Patient"));
    }

    [Theory]
    [InlineData("member-add", """{"name":"patientReference","valueReference":{"reference":"Patient/x-never"}}""", 422, "x-never")]
    [InlineData("member-add", """{"name":"memberId","valueIdentifier":{"system":"urn:members","value":"never"}}""", 422, "that identifier")]
    [InlineData("member-add", """{"name":"memberId","valueIdentifier":{"system":"urn:members","value":"x-1,x-2"}}""", 422, "that identifier")]
    [InlineData("member-add", """{"name":"memberId","valueIdentifier":{"value":"urn:members|x-1"}}""", 422, "that identifier")]
    [InlineData("member-add", """{"name":"patientReference","valueString":"Patient/x"}""", 400, "valueReference")]
    [InlineData("member-add", """{"name":"patient","valueString":"x"}""", 400, "patientReference")]
    [InlineData("member-add", "", 400, "needs patientReference")]
    [InlineData("member-remove", """{"name":"patientReference","valueReference":{"reference":"Patient/x-p"}}""", 422, "no member")]
    public async Task A_change_that_cannot_be_made_is_refused(string operation, string parameter, int status, string text)
    {
        await PutAsync("Patient/x-p", """{"resourceType":"Patient","id":"x-p","identifier":[{"system":"urn:members","value":"x-1"}]}""");
        await PutAsync("Group/x", """{"resourceType":"Group","id":"x","type":"person","actual":true}""");

        var refused = await ChangeAsync("x", operation, parameter.Length == 0 ? [] : [parameter]);

        Assert.Equal(status, refused.Status);
        Assert.Contains(text, refused.Diagnostics, StringComparison.Ordinal);
        Assert.Equal("W/\"1\"", (await Server.GetAsync("Group/x")).ETag);
    }

    [Fact]
    public async Task Many_members_that_come_at_once_all_come_in()
    {
        await PutAsync("Group/many", """{"resourceType":"Group","id":"many","type":"person","actual":true}""");
        foreach (var i in Enumerable.Range(0, 6))
            await PutAsync($"Patient/many-{i}", $$"""{"resourceType":"Patient","id":"many-{{i}}"}""");

        var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => ChangeAsync("many", "member-add", $$$"""{"name":"patientReference","valueReference":{"reference":"Patient/many-{{{i}}}"}}""")));

        Assert.All(replies, r => Assert.Equal(200, r.Status));
        Assert.Equal(6, (await Server.GetAsync("Group/many")).Json["member"]!.AsArray().Count);
    }

    [Fact]
    public async Task Groups_within_groups_and_criteria_count_each_patient_once()
    {
        foreach (var i in Enumerable.Range(0, 5))
            await PutAsync($"Patient/n-{i}", $$"""{"resourceType":"Patient","id":"n-{{i}}","gender":"{{(i % 2 == 0 ? "female" : "male")}}","address":[{"city":"Nestville"}]}""");
        await PutAsync("Condition/n-c", """{"resourceType":"Condition","id":"n-c","subject":{"reference":"Patient/n-4"},"code":{"coding":[{"system":"urn:nested","code":"x"}]}}""");
        await PutAsync("Group/n-in", """{"resourceType":"Group","id":"n-in","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/n-1"}},{"entity":{"reference":"Group/n-out"}}]}""");
        await PutAsync("Group/n-out", """{"resourceType":"Group","id":"n-out","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/n-0"}},{"entity":{"reference":"Group/n-in"}},{"entity":{"reference":"Patient/n-1"}}]}"""); // a circle
        await PutAsync("Group/n-by", Filtered("n-by", "Patient?address-city=Nestville&gender=female"));
        await PutAsync("Group/n-has", Filtered("n-has", "Patient?address-city=Nestville&gender=female", "Patient?_has:Condition:patient:code=urn:nested|x"));
        await PutAsync("Group/n-bad", Filtered("n-bad", "Condition?code=x"));
        await PutAsync("Group/n-wrong", Filtered("n-wrong", "Patient?genderr=male"));
        await PutAsync("Group/n-some", Filtered("n-some", "Patient?gender=male&_count=5"));

        Assert.Equal(["Patient/n-0", "Patient/n-1"], await Server.KeysAsync("Group/n-out/$export?_type=Patient"));
        Assert.Equal(["Patient/n-0", "Patient/n-2", "Patient/n-4"], await Server.KeysAsync("Group/n-by/$export?_type=Patient"));
        Assert.Equal(["Condition/n-c", "Patient/n-4"], await Server.KeysAsync("Group/n-has/$export?_type=Patient,Condition"));
        Assert.Equal(422, (await Server.GetAsync("Group/n-bad/$export", ExportServer.Async)).Status);
        Assert.Equal(400, (await Server.GetAsync("Group/n-wrong/$export", ExportServer.Async)).Status);
        var some = await Server.GetAsync("Group/n-some/$export", ExportServer.Async);
        Assert.Equal(422, some.Status);
        Assert.Contains("_count says how a search is answered", some.Diagnostics, StringComparison.Ordinal);
        Assert.Equal(422, (await ChangeAsync("n-by", "member-add", """{"name":"patientReference","valueReference":{"reference":"Patient/n-1"}}""")).Status);
    }

    [Fact]
    public async Task A_group_of_more_groups_than_are_followed_is_refused()
    {
        var entries = Enumerable.Range(0, 1000).Select(i => $$"""{"resource":{"resourceType":"Group","id":"g-{{i}}","type":"person","actual":true},"request":{"method":"PUT","url":"Group/g-{{i}}"} }""");
        var members = string.Join(',', Enumerable.Range(0, 1000).Select(i => $$"""{"entity":{"reference":"Group/g-{{i}}"} }"""));
        var stored = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{string.Join(',', entries)}},{"resource":{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{{members}}]},"request":{"method":"PUT","url":"Group/g"} }]}""");
        Assert.True(stored.Status == 200, stored.Body);

        var refused = await Server.GetAsync("Group/g/$export", ExportServer.Async);

        Assert.InRange(refused.Status, 400, 499);
        Assert.Contains("more than 1000 Groups", refused.Diagnostics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_search_for_patients_has_no_group_by_criteria()
    {
        await PutAsync("Group/s-by", Filtered("s-by", "Patient?gender=female"));
        static TypeAccess Open(Interaction interactions) => new([new Grant(interactions, null)]);
        var caller = AccessServer.With(new AccessPlan("groups", new Dictionary<string, TypeAccess> { ["Group"] = Open(Interaction.Reading | Interaction.Export), ["Patient"] = Open(Interaction.Read) }, []));

        var (_, selection, fault) = await Server.BeginAsync(caller, "Group/s-by/$export?_type=Group");

        Assert.Null(selection);
        Assert.Equal(FaultKind.Forbidden, fault!.Kind);
        Assert.Contains("you may not search for patients", fault.Issues[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_provenance_of_what_is_exported_comes_along()
    {
        foreach (var i in Enumerable.Range(0, 2))
        {
            await PutAsync($"Patient/a-{i}", $$"""{"resourceType":"Patient","id":"a-{{i}}"}""");
            await PutAsync($"Observation/a-{i}", $$"""{"resourceType":"Observation","id":"a-{{i}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/a-{{i}}"} }""");
            await PutAsync($"Provenance/a-{i}", $$"""{"resourceType":"Provenance","id":"a-{{i}}","target":[{"reference":"Observation/a-{{i}}"}],"recorded":"2026-01-01T00:00:00Z","agent":[{"who":{"display":"x"} }]}""");
        }

        Assert.Equal(["Observation/a-1", "Provenance/a-1"], await Server.KeysAsync("Patient/$export?_type=Observation&patient=Patient/a-1&includeAssociatedData=LatestProvenanceResources"));
        Assert.Equal(["Observation/a-0", "Provenance/a-0"], await Server.KeysAsync("$export?_type=Observation&_typeFilter=Observation?_id=a-0&includeAssociatedData=RelevantProvenanceResources"));
        Assert.Equal(["Provenance/a-0", "Provenance/a-1"], (await Server.KeysAsync("Patient/$export?_type=Observation&includeAssociatedData=LatestProvenanceResources")).Where(k => k.StartsWith("Provenance/a-", StringComparison.Ordinal)));
    }

    private Task<Reply> ChangeAsync(string group, string operation, params string[] parameters) =>
        Server.PostAsync($"Group/{group}/${operation}", parameters.Length == 0 ? """{"resourceType":"Parameters"}""" : $$"""{"resourceType":"Parameters","parameter":[{{string.Join(',', parameters)}}]}""");

    private static string Filtered(string id, params string[] searches) => new JsonObject
    {
        ["resourceType"] = "Group",
        ["id"] = id,
        ["type"] = "person",
        ["actual"] = false,
        ["modifierExtension"] = new JsonArray([.. searches.Select(s => new JsonObject
        {
            ["url"] = "http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter",
            ["valueExpression"] = new JsonObject { ["language"] = "application/x-fhir-query", ["expression"] = s },
        })]),
    }.ToJsonString();

    private async Task PutAsync(string address, string body)
    {
        var reply = await Server.PutAsync(address, body);
        Assert.True(reply.Status is 200 or 201, reply.Body);
    }
}

public sealed class SqliteExportGroupTests(ExportSqlite server) : ExportGroupTests(server), IClassFixture<ExportSqlite>;

public sealed class PostgresExportGroupTests(ExportPostgres server) : ExportGroupTests(server), IClassFixture<ExportPostgres>;
