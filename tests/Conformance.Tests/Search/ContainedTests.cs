using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>Searches that look inside resources (search.html#contained).</summary>
public abstract class ContainedTests(ServerFixture fixture) : OnServer(fixture)
{
    [Theory]
    [InlineData("_contained=true", "container", "MedicationRequest/{0}-r1 MedicationRequest/{0}-r2")]
    [InlineData("_contained=true", "contained", "MedicationRequest/{0}-r1#m1 MedicationRequest/{0}-r2#m1 MedicationRequest/{0}-r2#m3")]
    [InlineData("_contained=both", "container", "Medication/{0}-m MedicationRequest/{0}-r1 MedicationRequest/{0}-r2")]
    [InlineData("_contained=both", "contained", "Medication/{0}-m MedicationRequest/{0}-r1#m1 MedicationRequest/{0}-r2#m1 MedicationRequest/{0}-r2#m3")]
    [InlineData("_contained=false", "container", "Medication/{0}-m")]
    [InlineData("_contained=true&status=active", "contained", "MedicationRequest/{0}-r2#m1")]
    [InlineData("_contained=true&status:missing=false", "contained", "MedicationRequest/{0}-r2#m1 MedicationRequest/{0}-r2#m3")]
    [InlineData("_contained=true&manufacturer:missing=true&status=active", "contained", "MedicationRequest/{0}-r2#m1")]
    [InlineData("_contained=true&status:not=active", "contained", "MedicationRequest/{0}-r1#m1 MedicationRequest/{0}-r2#m3")]
    public async Task Contained_resources_are_found_when_one_of_them_satisfies_everything(string contained, string answer, string expected)
    {
        var id = "c" + Guid.NewGuid().ToString("N")[..8];
        await Put("Medication", id + "-m", Code(id));
        await Put("MedicationRequest", id + "-r1", Request($$$"""{"resourceType":"Medication","id":"m1"{{{Code(id)}}}},{"resourceType":"Medication","id":"m2","status":"active"}"""));
        await Put("MedicationRequest", id + "-r2", Request($$$"""{"resourceType":"Medication","id":"m1","status":"active"{{{Code(id)}}}},{"resourceType":"Medication","id":"m3","status":"inactive"{{{Code(id)}}}}"""));
        await Put("MedicationRequest", id + "-r3", Request("""{"resourceType":"Medication","id":"m1","status":"active","code":{"coding":[{"code":"other"}]}}"""));

        foreach (var count in new[] { 1000, 1 })
        {
            var urls = new List<string>();
            for (var next = $"Medication?code=urn:x%7C{id}&{contained}&_containedType={answer}&_count={count}"; next is not null;)
            {
                var page = await Server.GetAsync(next);
                Assert.True(page.Status == 200, page.Body);
                urls.AddRange(page.Entries.Select(e => e["fullUrl"]!.GetValue<string>()[(Server.BaseUrl.Length + 1)..]));
                Assert.All(page.Entries, e => Assert.Equal(e["fullUrl"]!.GetValue<string>().Contains('#', StringComparison.Ordinal) || e["fullUrl"]!.GetValue<string>().Contains("/Medication/", StringComparison.Ordinal) ? "Medication" : "MedicationRequest", e["resource"]!["resourceType"]!.GetValue<string>()));
                next = page.Next;
            }

            Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, id), string.Join(' ', urls.Order(StringComparer.Ordinal)));
        }
    }

    [Theory]
    [InlineData("length=lt6||{0}")]
    [InlineData("length=ap5.05|urn:units|{0}")]
    [InlineData("length=lt6&class=urn:{0}|AMB")]
    public async Task Units_and_systems_that_only_a_contained_resource_has_are_found(string criteria)
    {
        var id = "u" + Guid.NewGuid().ToString("N")[..8]; // no reference leads to it, so no row holds what it says
        await Put("Basic", id, $$$""","code":{"text":"x"},"contained":[{"resourceType":"Encounter","id":"c0","status":"planned","class":{"system":"urn:{{{id}}}","code":"AMB"},"length":{"value":5,"comparator":"<","system":"urn:units","code":"{{{id}}}"}}]""");

        foreach (var where in (string[])["true", "both"])
            Assert.Equal([id], (await Server.GetAsync($"Encounter?{string.Format(System.Globalization.CultureInfo.InvariantCulture, criteria, id)}&_contained={where}")).Ids);
        Assert.Empty((await Server.GetAsync($"Encounter?{string.Format(System.Globalization.CultureInfo.InvariantCulture, criteria, id)}")).Ids);
    }

    [Fact]
    public async Task References_of_contained_resources_are_compared_and_totals_count_containers()
    {
        var id = "v" + Guid.NewGuid().ToString("N")[..8];
        await Put("Patient", id, "");
        await Put("Patient", id + "-other", "");
        foreach (var (claim, patient) in new[] { ("-1", id), ("-2", id + "-other") })
            await Put("Claim", id + claim, $$$""","contained":[{"resourceType":"Coverage","id":"cov","status":"active","beneficiary":{"reference":"Patient/{{{patient}}}"},"payor":[{"display":"x"}]}],"status":"active","type":{"text":"x"},"use":"claim","patient":{"reference":"Patient/{{{patient}}}"},"created":"2024-01-01","provider":{"display":"x"},"priority":{"text":"x"},"insurance":[{"sequence":1,"focal":true,"coverage":{"reference":"#cov"}}]""");

        var found = await Server.GetAsync($"Coverage?beneficiary=Patient/{id}&_contained=true&_total=accurate");
        Assert.Equal([$"{id}-1"], found.Ids);
        Assert.Equal(1, found.Json["total"]!.GetValue<int>());
        Assert.Empty((await Server.GetAsync($"Coverage?beneficiary=Patient/{id}")).Ids);
    }

    [Theory]
    [InlineData("Medication?_contained=maybe", "false, true or both")]
    [InlineData("Medication?_contained=true&_containedType=x", "container or contained")]
    [InlineData("?_type=Medication,Coverage&_contained=true", "one type at a time")]
    [InlineData("Patient/p1/Medication?_contained=true", "Patient compartment")]
    [InlineData("Medication?manufacturer.name=x&_contained=true", "plain criteria on their own elements")]
    [InlineData("Medication?code=x&_contained=true&_containedType=contained&_total=accurate", "counted by the resources around them")]
    public async Task What_cannot_be_asked_of_contained_resources_is_refused(string query, string expected)
    {
        var reply = await Server.GetAsync(query);

        Assert.Equal(400, reply.Status);
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
    }

    private static string Code(string code) => $$$""","code":{"coding":[{"system":"urn:x","code":"{{{code}}}"}]}""";

    private static string Request(string contained) =>
        $$""","contained":[{{contained}}],"status":"active","intent":"order","subject":{"display":"x"},"medicationReference":{"reference":"#m1"},"reasonReference":[{"reference":"#m2"},{"reference":"#m3"}]""";

    private async Task Put(string type, string id, string more)
    {
        var reply = await Server.PutAsync($"{type}/{id}", $$"""{"resourceType":"{{type}}","id":"{{id}}"{{more}}}""");
        Assert.True(reply.Status == 201, reply.Body);
    }
}

public sealed class SqliteContainedTests(SqliteServer server) : ContainedTests(server), IClassFixture<SqliteServer>;

public sealed class PostgresContainedTests(PostgresServer server) : ContainedTests(server), IClassFixture<PostgresServer>;
