using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>Each kind of search parameter against answers worked out by hand (search.html#ptypes).</summary>
public abstract class CriterionTests(ServerFixture fixture) : OnServer(fixture)
{
    [Theory]
    [InlineData("Patient?name=muller", "p1 p2")]
    [InlineData("Patient?name=MÜLLER", "p1 p2")]
    [InlineData("Patient?family=muller,smith", "p1 p2 p5")]
    [InlineData(@"Patient?family=smith\,", "p5")]
    [InlineData("Patient?family:exact=Muller", "p2")]
    [InlineData("Patient?family:exact=muller", "")]
    [InlineData("Patient?family:contains=denscheid", "p1")]
    [InlineData("Patient?given=ann", "p1 p3")]
    [InlineData("Patient?given:exact=Ann", "p1")]
    [InlineData("Patient?given=ann&given=beth", "p1")]
    [InlineData("Patient?family=o'brien", "p3")]
    [InlineData("Patient?address-city=bos", "p1")]
    [InlineData("Patient?address=02118", "p1")]
    [InlineData("Patient?family:missing=true", "p4")]
    [InlineData("Patient?family:missing=false", "p1 p2 p3 p5")]
    [InlineData("Observation?value-string=clear under", "o4")]
    public Task Strings(string query, string expected) => FindsAsync(query, expected);

    [Theory]
    [InlineData("Patient?gender=female", "p1")]
    [InlineData("Patient?gender=female,other", "p1 p3")]
    [InlineData("Patient?gender=http://hl7.org/fhir/administrative-gender|female", "p1")]
    [InlineData("Patient?gender:not=female", "p2 p3 p4 p5")]
    [InlineData("Patient?gender:not=female,male", "p3 p4")]
    [InlineData("Patient?gender:missing=true", "p4")]
    [InlineData("Patient?identifier=A1", "p1 p3")]
    [InlineData("Patient?identifier=urn:mrn|A1", "p1")]
    [InlineData("Patient?identifier=|X9", "p1")]
    [InlineData("Patient?identifier=|A1", "")]
    [InlineData("Patient?identifier=urn:mrn|", "p1 p2")]
    [InlineData("Patient?identifier=urn:nobody|A1", "")]
    [InlineData("Patient?identifier=urn:mrn|a1", "")]
    [InlineData("Patient?active=true", "p1")]
    [InlineData("Patient?active=false", "p2 p4")]
    [InlineData("Patient?active:missing=true", "p3 p5")]
    [InlineData("Patient?email=ann@example.ORG", "p1")]
    [InlineData("Observation?code=8480-6", "o1 o2 o3 o4 o5 o6")]
    [InlineData("Observation?code=http://loinc.org|8480-6", "o1 o2 o3 o5")]
    [InlineData("Observation?code=|8480-6", "o6")]
    [InlineData("Observation?code=urn:local|", "o4")]
    [InlineData("Observation?code:not=http://loinc.org|8480-6", "o4 o6")]
    [InlineData("Observation?status=final,amended", "o1 o2 o3 o5")]
    [InlineData("Encounter?class=http://terminology.hl7.org/CodeSystem/v3-ActCode|AMB", "e1")]
    public Task Tokens(string query, string expected) => FindsAsync(query, expected);

    // Days, in the zone of the resource: o1 is 1 May, o2 too (half past eleven at night in New York), o3 30 April to 2 May, o4 2 May UTC, o6 from 2030 on.
    [Theory]
    [InlineData("date=2024-05-01", "o1 o2")]
    [InlineData("date=eq2024-05-01", "o1 o2")]
    [InlineData("date=ne2024-05-01", "o3 o4 o6")]
    [InlineData("date=gt2024-05-01", "o3 o4 o6")]
    [InlineData("date=lt2024-05-01", "o3")]
    [InlineData("date=ge2024-05-01", "o1 o2 o3 o4 o6")]
    [InlineData("date=le2024-05-01", "o1 o2 o3")]
    [InlineData("date=sa2024-05-01", "o4 o6")]
    [InlineData("date=eb2024-05-01", "")]
    [InlineData("date=eb2024-05-02", "o1 o2")]
    [InlineData("date=eb2024-05-03", "o1 o2 o3 o4")]
    [InlineData("date=ap2024-05-01", "o1 o2 o3 o4")]
    [InlineData("date=2024-05", "o1 o2 o4")]
    [InlineData("date=2024", "o1 o2 o3 o4")]
    [InlineData("date=2024-04-30,2024-05-02", "o4")]
    [InlineData("date=ge2024-05-01&date=lt2024-05-02", "o1 o2 o3")]
    [InlineData("date=2024-05-02T04:30:00Z", "o2 o4")]
    [InlineData("date=2024-05-02T10:00:00%2B05:30", "o2 o4")]
    [InlineData("date=2024-05-02T10:00:00+05:30", "o2 o4")]
    [InlineData("date=2024-05-02T04:30Z", "o2 o4")]
    [InlineData("date=sa2024-05-02T04:29:59Z", "o2 o4 o6")]
    [InlineData("date=eb2024-05-02T04:30:00Z", "o1")]
    [InlineData("date=lt2024-05-02T04:30:00Z", "o1 o3")]
    [InlineData("date=2035-01-01", "")]
    [InlineData("date=ge2035-01-01", "o6")]
    [InlineData("date:missing=true", "o5")]
    [InlineData("date:missing=false", "o1 o2 o3 o4 o6")]
    public Task Dates(string query, string expected) => FindsAsync("Observation?" + query, expected);

    [Theory]
    [InlineData("Patient?birthdate=1980", "p1 p2")]
    [InlineData("Patient?birthdate=1980-02-29", "p1")]
    [InlineData("Patient?birthdate=lt1980", "p3")]
    [InlineData("Patient?birthdate=gt1980", "p5")]
    [InlineData("Encounter?date=ge2024-05-02&status=in-progress", "e2")]
    [InlineData("Encounter?date=2024-05-01T13:00:00Z", "")]
    [InlineData("Encounter?date=lt2024-05-01T13:00:01Z", "e1")]
    [InlineData("Encounter?date=gt2024-05-01T13:30:01Z", "e2")]
    public Task Dates_of_less_precision_and_open_periods(string query, string expected) => FindsAsync(query, expected);

    [Theory]
    [InlineData("1.25", "c2")]
    [InlineData("1.3", "c2")]
    [InlineData("1.2", "")]
    [InlineData("1", "c1 c2")]
    [InlineData("1e0", "c1")] // 1e2 is [95,105) (search.html#number), so an exponent makes one digit more precise
    [InlineData("1.0", "c1")]
    [InlineData("ne1", "c3 c4")]
    [InlineData("gt1", "c2 c3")]
    [InlineData("ge1", "c1 c2 c3")]
    [InlineData("lt0", "c4")]
    [InlineData("le-0.5", "c4")]
    [InlineData("ap1.9", "c3")]
    [InlineData("2,-0.5", "c3 c4")]
    public Task Numbers_mean_as_much_precision_as_they_are_written_with(string value, string expected) => FindsAsync("ChargeItem?factor-override=" + value, expected);

    [Theory]
    [InlineData("5.4|http://unitsofmeasure.org|mg", "o1 o2")]
    [InlineData("0.0054|http://unitsofmeasure.org|g", "o1 o2")]
    [InlineData("5.4||mg", "o1 o3 o6")]
    [InlineData("5.4", "o1 o3 o6")]
    [InlineData("5.40", "o1 o6")]
    [InlineData("5.4|urn:units|mg", "o6")]
    [InlineData("gt5.4|http://unitsofmeasure.org|mg", "")]
    [InlineData("ge5.4|http://unitsofmeasure.org|mg", "o1 o2")]
    [InlineData("lt5.4001|http://unitsofmeasure.org|mg", "o1 o2")]
    [InlineData("gt5.4||mg", "o3")]
    [InlineData("ne5.4||mg", "")]
    [InlineData("120||mm[Hg]", "o5")]
    [InlineData("ap110||mmHg", "o5")]
    [InlineData("5.4|http://unitsofmeasure.org|mg,120", "o1 o2 o5")]
    public Task Quantities(string value, string expected) => FindsAsync("Observation?value-quantity=" + value, expected);

    [Theory]
    [InlineData("Observation?patient=p1", "o1 o2")]
    [InlineData("Observation?subject=Patient/p1", "o1 o2")]
    [InlineData("Observation?subject={base}/Patient/p1", "o1 o2")]
    [InlineData("Observation?subject=http://elsewhere.example/fhir/Patient/p1", "")]
    [InlineData("Observation?subject:Patient=p1", "o1 o2")]
    [InlineData("Observation?subject:Device=p1", "")]
    [InlineData("Observation?patient=p1,p2", "o1 o2 o3 o4")]
    [InlineData("Observation?patient=nobody", "")]
    [InlineData("Observation?encounter=e1", "o1")]
    [InlineData("Observation?encounter:missing=false", "o1")]
    [InlineData("Observation?subject:identifier=urn:mrn|Z9", "o6")]
    [InlineData("Encounter?participant=Practitioner/dr", "e1")]
    public Task References(string query, string expected) => FindsAsync(query.Replace("{base}", Server.BaseUrl, StringComparison.Ordinal), expected);

    [Theory]
    [InlineData("ValueSet?url=http://example.org/vs/one", "v1")]
    [InlineData("ValueSet?url=http://example.org/VS/one", "")]
    [InlineData("ValueSet?url:below=http://example.org/vs/one", "v1 v2")]
    [InlineData("ValueSet?url:below=http://example.org/v", "")]
    public Task Uris(string query, string expected) => FindsAsync(query, expected);

    [Theory]
    [InlineData("_id=p2,p1,nobody", "p1 p2")]
    [InlineData("_tag=urn:tag|red", "p1")]
    [InlineData("_tag=red", "p1 p3")]
    [InlineData("_tag:not=red", "p2 p4 p5")]
    [InlineData("_tag:missing=true", "p4 p5")]
    [InlineData("_profile=http://example.org/p/one", "p1")]
    [InlineData("_security=urn:sec|R", "p1")]
    [InlineData("_lastUpdated=gt2020-01-01", "p1 p2 p3 p4 p5")]
    [InlineData("_lastUpdated=lt2020-01-01", "")]
    [InlineData("", "p1 p2 p3 p4 p5")]
    public Task What_every_resource_has(string query, string expected) => FindsAsync("Patient?" + query, expected);

    [Theory]
    [InlineData("Observation?patient.name=muller", "o1 o2 o3 o4")]
    [InlineData("Observation?subject:Patient.family=o'brien", "o5")]
    [InlineData("Observation?patient.gender=male&status=final", "o3")]
    [InlineData("Observation?patient.identifier=urn:mrn|A1", "o1 o2")]
    [InlineData("Encounter?service-provider.name=ward", "e1")]
    [InlineData("Patient?organization.name=plains", "p1")]
    [InlineData("Patient?general-practitioner.name=house", "p1")]
    [InlineData("Observation?patient.name=nobody", "")]
    [InlineData("Patient?_has:Observation:patient:status=amended", "p1")]
    [InlineData("Organization?partof.name=plainsboro", "ward")]
    public Task Chains(string query, string expected) => FindsAsync(query, expected);

    private async Task FindsAsync(string query, string expected)
    {
        var reply = await Server.GetAsync(query.Replace("|", "%7C", StringComparison.Ordinal));

        Assert.True(reply.Status == 200, reply.Body);
        Assert.Equal(expected, string.Join(' ', reply.Ids.Order(StringComparer.Ordinal)));
        var count = await Server.GetAsync(query.Replace("|", "%7C", StringComparison.Ordinal) + "&_summary=count");
        Assert.Equal(reply.Ids.Count, count.Json["total"]!.GetValue<int>());
    }
}

public sealed class SqliteCriterionTests(SqliteChart server) : CriterionTests(server), IClassFixture<SqliteChart>;

public sealed class PostgresCriterionTests(PostgresChart server) : CriterionTests(server), IClassFixture<PostgresChart>;
