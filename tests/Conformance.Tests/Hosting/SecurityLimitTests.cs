namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>The limits of security §8 that cost nobody a full store: each over it by one, with its answer. Those of the HTTP edge are in <see cref="EdgeTests"/>.</summary>
public sealed class SecurityLimitTests(SqliteServer fixture) : OnServer(fixture), IClassFixture<SqliteServer>
{
    [Theory]
    [InlineData("Observation?subject:Patient.organization.partof.partof.name=x", 200, null)]
    [InlineData("Observation?subject:Patient.organization.partof.partof.partof.name=x", 400, "invalid")]
    [InlineData("Organization?_has:Organization:partof:_has:Organization:partof:_has:Organization:partof:name=x", 200, null)]
    [InlineData("Organization?_has:Organization:partof:_has:Organization:partof:_has:Organization:partof:_has:Organization:partof:name=x", 400, "invalid")]
    [InlineData("Patient?_sort=family,given,birthdate,gender,name", 200, null)]
    [InlineData("Patient?_sort=family,given,birthdate,gender,name,_id", 400, "invalid")]
    public async Task A_search_goes_so_deep_and_no_deeper(string search, int status, string? code)
    {
        var reply = await Server.GetAsync(search);
        Assert.True(reply.Status == status, reply.Body);
        if (code is not null)
            Assert.Equal(code, reply.Json["issue"]![0]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Twenty_includes_are_taken_and_no_more()
    {
        string Of(int count) => "Patient?" + string.Join('&', Enumerable.Range(0, count).Select(i => $"_revinclude={Types[i]}"));
        Assert.Equal(200, (await Server.GetAsync(Of(20))).Status);
        Assert.Equal(400, (await Server.GetAsync(Of(21))).Status);
    }

    [Fact]
    public async Task A_page_has_at_most_1000_entries_whatever_is_asked_for()
    {
        var entries = string.Join(',', Enumerable.Range(0, 1001).Select(_ => """{"resource":{"resourceType":"Basic","code":{"text":"x"}},"request":{"method":"POST","url":"Basic"}}"""));
        Assert.Equal(200, (await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{entries}}]}""")).Status);

        Assert.Equal(1000, (await Server.GetAsync("Basic?_count=100000")).Entries.Count);
        Assert.Equal(1000, (await Server.GetAsync("Basic/_history?_count=100000")).Entries.Count);
    }

    [Fact]
    public async Task A_Bundle_has_at_most_10000_entries()
    {
        var entries = string.Join(',', Enumerable.Repeat("""{"request":{"method":"GET","url":"Patient/x"}}""", 10_001));
        var reply = await Server.PostAsync("", $$"""{"resourceType":"Bundle","type":"batch","entry":[{{entries}}]}""");
        Assert.Equal((413, "too-long"), (reply.Status, reply.Json["issue"]![0]!["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_patch_has_at_most_200_operations()
    {
        var stored = await Server.PostAsync("Patient", """{"resourceType":"Patient","active":true}""");
        string Of(int count) => "[" + string.Join(',', Enumerable.Repeat("""{"op":"replace","path":"/active","value":false}""", count)) + "]";
        Assert.Equal(200, (await Server.PatchAsync("Patient/" + stored.Id, Of(200))).Status);
        Assert.Equal(422, (await Server.PatchAsync("Patient/" + stored.Id, Of(201))).Status);
    }

    [Fact]
    public async Task XML_has_the_limits_of_JSON_and_no_document_type()
    {
        const string Start = "<Patient xmlns=\"http://hl7.org/fhir\">", End = "</Patient>";
        var deep = string.Concat(Enumerable.Repeat("<extension url=\"u\">", 70)) + string.Concat(Enumerable.Repeat("</extension>", 70));
        foreach (var (body, status) in ((string, int)[])[
            (Start + "<active value=\"true\"/>" + End, 201),
            (Start + deep + End, 400),
            (Start + $"<name><text value=\"{new string('x', 1_048_577)}\"/></name>" + End, 400),
            ("<!DOCTYPE Patient [<!ENTITY x \"y\">]>" + Start + "<name><text value=\"&x;\"/></name>" + End, 400)])
        {
            var reply = await Server.SendAsync(HttpMethod.Post, "Patient", body, "application/fhir+xml");
            Assert.True(reply.Status == status, reply.Body);
        }
    }

    /// <summary>Reverse includes that are valid for a Patient, one more than are taken.</summary>
    private static string[] Types { get; } =
    [
        "Account:patient", "AllergyIntolerance:patient", "Appointment:patient", "CarePlan:patient", "CareTeam:patient", "Claim:patient", "ClinicalImpression:patient",
        "Communication:patient", "Composition:patient", "Condition:patient", "Consent:patient", "Coverage:patient", "DetectedIssue:patient", "Device:patient",
        "DiagnosticReport:patient", "DocumentReference:patient", "Encounter:patient", "EpisodeOfCare:patient", "Flag:patient", "Goal:patient", "Immunization:patient",
    ];
}
