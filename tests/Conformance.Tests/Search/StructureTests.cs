using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>Where a search looks: across types, in compartments, by lists; and filters. Answers worked out by hand over <see cref="Chart"/>.</summary>
public abstract class StructureTests(ServerFixture fixture) : OnServer(fixture)
{
    [Theory]
    [InlineData("?_type=Patient,Encounter&_id=p1,e1,o1", "Encounter/e1 Patient/p1")]
    [InlineData("?_id=p1,e1", "Encounter/e1 Patient/p1")]
    [InlineData("?_tag=urn:tag%7Cred", "Patient/p1")]
    [InlineData("?_tag:not=urn:tag%7Cred&_type=Patient,ValueSet&_id=p1,p2,v1", "Patient/p2 ValueSet/v1")]
    [InlineData("?_type=Observation,Encounter&subject=Patient/p1", "Encounter/e1 Observation/o1 Observation/o2")]
    [InlineData("?_type=Observation,Encounter&patient=p1&status=final,finished", "Encounter/e1 Observation/o1")]
    [InlineData("?_type=Observation,Encounter&patient=p1&status:not=final", "Encounter/e1 Observation/o2")]
    [InlineData("?_type=Observation,Encounter&patient.name=Bob", "Encounter/e2 Observation/o3 Observation/o4")]
    [InlineData("?_type=Observation,Encounter&date:missing=true", "Observation/o5")]
    [InlineData("?_type=Observation,Encounter&date=2024-05-01&patient=p1", "Encounter/e1 Observation/o1 Observation/o2")]
    [InlineData("?_type=Observation&_id=o1", "Observation/o1")]
    [InlineData("?_type=Observation,Encounter&_type=Observation&_id=o1,e1", "Observation/o1")]
    [InlineData("Observation?_type=Observation&_id=o1", "Observation/o1")]
    [InlineData("?_type=Patient,Practitioner&name=House", "Practitioner/dr")]
    [InlineData("Patient/p1/Observation", "Observation/o1 Observation/o2")]
    [InlineData("Patient/p1/Observation?status=final", "Observation/o1")]
    [InlineData("Patient/p1/Observation?encounter.status=finished", "Observation/o1")]
    [InlineData("Patient/p1/Patient", "Patient/p1")]
    [InlineData("Patient/p1/*", "ChargeItem/c1 ChargeItem/c2 ChargeItem/c3 ChargeItem/c4 ChargeItem/c5 Encounter/e1 Observation/o1 Observation/o2 Patient/p1")]
    [InlineData("Patient/p1/*?_type=Encounter,Observation", "Encounter/e1 Observation/o1 Observation/o2")]
    [InlineData("Patient/p1/*?_lastUpdated=gt2999", "")]
    [InlineData("Patient/unknown/Observation", "")]
    [InlineData("Encounter/e1/Observation", "Observation/o1")]
    [InlineData("Encounter/e1/*", "Encounter/e1 Observation/o1")]
    [InlineData("Practitioner/dr/*", "Encounter/e1 Observation/o1 Patient/p1 Practitioner/dr")]
    [InlineData("Practitioner/dr/Encounter?status=finished", "Encounter/e1")]
    [InlineData("Device/none/Observation", "")]
    [InlineData("RelatedPerson/none/*", "")]
    [InlineData("Patient?_has:Observation:patient:encounter.status=finished", "Patient/p1")]
    [InlineData("Patient?_has:Observation:patient:encounter:Encounter.service-provider.name=Ward", "Patient/p1")]
    [InlineData("Organization?_has:Encounter:service-provider:_has:Observation:encounter:status=final,amended", "Organization/ward")]
    [InlineData("Organization?_has:Encounter:service-provider:patient.name:exact=Bob", "")]
    [InlineData("Organization?_has:Organization:partof:_has:Encounter:service-provider:patient.gender=female,other", "Organization/org")]
    [InlineData("Observation?encounter.service-provider.partof.name=Plains", "Observation/o1")]
    [InlineData("Observation?encounter.service-provider.partof._has:Patient:organization:gender=female", "Observation/o1")]
    [InlineData("Observation?patient._has:Encounter:patient:status:not=finished", "Observation/o3 Observation/o4")]
    public async Task Finds(string query, string expected)
    {
        var reply = await Server.GetAsync(query);

        Assert.True(reply.Status == 200, reply.Body);
        Assert.Equal(expected, Keys(reply));
    }

    [Theory]
    [InlineData("gender eq female", "p1")]
    [InlineData("gender ne female", "p2 p3 p4 p5")]
    [InlineData("name co \"uller\"", "p1 p2")]
    [InlineData("family eq \"muller\"", "p2")]
    [InlineData("family eq \"smith jr\"", "p5")]
    [InlineData("family sw mull and given eq bob", "p2")]
    [InlineData("family ew \"LLER\"", "p2")]
    [InlineData("family ew \"h jr\"", "p5")]
    [InlineData("not (family ew jr) and family pr true", "p1 p2 p3")]
    [InlineData("organization.name ew \"clinic\"", "p1")]
    [InlineData("birthdate ge 1980-03", "p5")]
    [InlineData("birthdate po 1980-02-29", "p1 p2")]
    [InlineData("birthdate pr false", "p4")]
    [InlineData("not (gender pr true)", "p4")]
    [InlineData("gender eq male or gender eq other and active eq false", "p2")] // from left to right: (male or other) and inactive
    [InlineData("gender eq male or (gender eq other and active eq false)", "p2 p5")]
    [InlineData("identifier eq urn:mrn|A1 or identifier eq \"X9\"", "p1")]
    [InlineData("_id eq p3 or _id eq p4", "p3 p4")]
    [InlineData("organization.name sw \"plains\"", "p1")]
    [InlineData("organization[name sw ward].partof.name co clinic", "p2")]
    [InlineData("organization[name sw ward]", "p2")]
    [InlineData("organization[not (name sw ward)]", "p1")]
    [InlineData("organization re Organization/ward", "p2")]
    [InlineData("general-practitioner:Practitioner.family eq house", "p1")]
    public async Task Filters(string filter, string expected)
    {
        var reply = await Server.GetAsync($"Patient?_sort=_id&_id=p1,p2,p3,p4,p5&_filter={Uri.EscapeDataString(filter)}");

        Assert.True(reply.Status == 200, reply.Body);
        Assert.Equal(expected, string.Join(' ', reply.Ids));
    }

    [Theory]
    [InlineData("value-quantity gt 100", "o2 o5")]
    [InlineData("value-quantity eq 5.4|http://unitsofmeasure.org|mg and status ne amended", "o1")]
    [InlineData("date sa 2024-05-01 and subject pr true", "o4 o6")]
    [InlineData("subject:Patient.organization.partof.name eq \"Plainsboro Clinic\"", "o3 o4")]
    public async Task Filters_observations(string filter, string expected)
    {
        var reply = await Server.GetAsync($"Observation?_sort=_id&_filter={Uri.EscapeDataString(filter)}");

        Assert.True(reply.Status == 200, reply.Body);
        Assert.Equal(expected, string.Join(' ', reply.Ids));
    }

    [Theory]
    [InlineData("gender eq", "ends too early, at character 10")]
    [InlineData("gender is female", "at character 8 ('is female'): 'is' is no operator")]
    [InlineData("(gender eq female", "')' was expected")]
    [InlineData("gender eq female birthdate lt 2000", "character 18")]
    [InlineData("gendre eq female", "Did you mean 'gender'?")]
    [InlineData("gender gt female", "'gt' has no meaning for 'gender'")]
    [InlineData("gender ew male", "'ew' has no meaning for 'gender'")]
    [InlineData("gender pr maybe", "'pr' takes true or false")]
    [InlineData("family eq \"x", "has no end")]
    [InlineData("gender.code eq x", "'gender' of Patient is no reference (character 1")]
    [InlineData("((((((((gender eq x))))))))", "nested more than 8 deep")]
    [InlineData("birthdate po soon", "A date is")]
    [InlineData("organization[name eq x] eq y", "a dot and a parameter of the target")]
    public async Task A_filter_that_does_not_read_is_refused_with_its_place(string filter, string expected)
    {
        var reply = await Server.GetAsync($"Patient?_filter={Uri.EscapeDataString(filter)}");

        Assert.Equal(400, reply.Status);
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?_type=Patiant", 400, "Did you mean 'Patient'?")]
    [InlineData("?name=x", 400, "name the types")]
    [InlineData("?_type=Patient,Observation&gender=male", 400, "Observation has no 'gender'")]
    [InlineData("?_type=Patient,Observation&_sort=birthdate", 400, "Observation cannot be sorted by 'birthdate'")]
    [InlineData("Patient?_type=Observation", 400, "This search is about Patient")]
    [InlineData("?_type=Practitioner,Organization&_has:Encounter:practitioner:status=finished", 400, "does not refer to a Organization")]
    [InlineData("?_type=", 400, "'_type' has no value")]
    [InlineData("Patient/p1/Organization", 400, "No Organization is ever in a Patient compartment")]
    [InlineData("Patient/p1/Observaton", 404, "Did you mean 'Observation'?")]
    [InlineData("Organization/org/Patient", 404, "Organization has no compartment")]
    [InlineData("Patient?_list=$current-problems", 400, "never holds a Patient")]
    [InlineData("Condition?_list=$current-problems", 400, "say whose")]
    [InlineData("Condition?patient=p1&_list=$current-problem", 400, "Did you mean '$current-problems'?")]
    [InlineData("Condition?_list=a/b", 400, "names no List")]
    [InlineData("Observation?_sort=code-value-quantity", 400, "has no order")]
    [InlineData("Observation?_sort=code,date,status,_id,_lastUpdated,patient", 400, "5 parameters at most")]
    public async Task Refuses(string query, int status, string expected)
    {
        var reply = await Server.GetAsync(query);

        Assert.Equal(status, reply.Status);
        Assert.Contains(expected, reply.Diagnostics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_search", "_type=Patient,Encounter&_id=p1,e1", "Encounter/e1 Patient/p1")]
    [InlineData("_search?_type=Patient,Encounter", "_id=p1,e1,o1", "Encounter/e1 Patient/p1")]
    [InlineData("Patient/p1/Observation/_search", "status=final", "Observation/o1")]
    [InlineData("Patient/p1/_search", "_type=Encounter", "Encounter/e1")]
    [InlineData("Patient/p1/*/_search", "_type=Encounter", "Encounter/e1")]
    public async Task A_posted_search_merges_form_and_query(string path, string form, string expected)
    {
        var reply = await Server.SendAsync(HttpMethod.Post, path, form, "application/x-www-form-urlencoded");

        Assert.True(reply.Status == 200, reply.Body);
        Assert.Equal(expected, Keys(reply));
    }

    [Theory]
    [InlineData("POST", "Patient/p1/Observation")]
    [InlineData("PUT", "Patient/p1/Observation")]
    [InlineData("DELETE", "Patient/p1/Observation?status=final")]
    [InlineData("DELETE", "Patient/p1/*")]
    public async Task Nothing_is_written_in_a_compartment(string method, string path)
    {
        Assert.Equal(405, (await Server.SendAsync(new HttpMethod(method), path, method == "DELETE" ? null : """{"resourceType":"Observation","status":"final","code":{"text":"x"}}""")).Status);
        var inBundle = await Server.PostAsync("", $$$"""{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"{{{method}}}","url":"{{{path}}}"}}]}""");
        Assert.InRange(inBundle.Status, 400, 499);
        Assert.Equal("Observation/o1 Observation/o2", Keys(await Server.GetAsync("Patient/p1/Observation")));
    }

    [Theory]
    [InlineData("?_type=Patient,Observation,Encounter&_sort=-_lastUpdated,_id")]
    [InlineData("?_type=Patient,Observation,Encounter&_sort=_id")]
    [InlineData("?_type=Patient,Observation,Encounter")]
    [InlineData("?_type=Observation,Encounter&_sort=date")]
    [InlineData("?_type=Observation,Encounter&_sort=-patient,_id")]
    [InlineData("Patient/p1/*?_sort=-_id")]
    [InlineData("?_profile:missing=true")]
    public async Task Several_types_page_as_one_and_the_total_is_what_pages_bring(string query)
    {
        var whole = Keys(await Server.GetAsync($"{query}&_count=1000"), sorted: false);
        var seen = new List<string>();
        var total = 0;
        for (var next = $"{query}&_count=2&_total=accurate"; next is not null;)
        {
            var page = await Server.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            total = page.Json["total"]!.GetValue<int>();
            seen.Add(Keys(page, sorted: false));
            next = page.Next;
        }

        Assert.Equal(whole, string.Join(' ', seen));
        Assert.Equal(whole.Split(' ').Length, total);
    }

    [Fact]
    public async Task Lists_choose_their_members_and_a_record_implies_the_functional_ones()
    {
        var p = "l" + Guid.NewGuid().ToString("N")[..8];
        await Put("Patient", p, "");
        await Put("Condition", p + "-active", $$$""","subject":{"reference":"Patient/{{{p}}}"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}""");
        await Put("Condition", p + "-refuted", $$$""","subject":{"reference":"Patient/{{{p}}}"},"clinicalStatus":{"coding":[{"code":"active"}]},"verificationStatus":{"coding":[{"code":"refuted"}]}""");
        await Put("Condition", p + "-over", $$$""","subject":{"reference":"Patient/{{{p}}}"},"clinicalStatus":{"coding":[{"code":"resolved"}]}""");
        await Put("MedicationRequest", p + "-now", $$$""","status":"active","intent":"order","medicationCodeableConcept":{"text":"x"},"subject":{"reference":"Patient/{{{p}}}"}""");
        await Put("MedicationRequest", p + "-stopped", $$$""","status":"stopped","intent":"order","medicationCodeableConcept":{"text":"x"},"subject":{"reference":"Patient/{{{p}}}"}""");
        await Put("AllergyIntolerance", p + "-a", $$$""","patient":{"reference":"Patient/{{{p}}}"},"clinicalStatus":{"coding":[{"code":"active"}]},"category":["food"]""");
        await Put("List", p + "-list", $$$""","status":"current","mode":"working","entry":[{"item":{"reference":"Condition/{{{p}}}-over"}},{"item":{"reference":"Patient/{{{p}}}"}}]""");

        Assert.Equal($"Condition/{p}-active", Keys(await Server.GetAsync($"Condition?patient={p}&_list=$current-problems")));
        Assert.Equal($"Condition/{p}-active", Keys(await Server.GetAsync($"Patient/{p}/Condition?_list=$current-problems")));
        Assert.Equal($"MedicationRequest/{p}-now", Keys(await Server.GetAsync($"MedicationRequest?subject=Patient/{p}&_list=$current-medications")));
        Assert.Equal($"AllergyIntolerance/{p}-a", Keys(await Server.GetAsync($"AllergyIntolerance?patient={p}&_list=$current-allergies")));
        Assert.Equal("", Keys(await Server.GetAsync($"AllergyIntolerance?patient={p}&_list=$current-drug-allergies")));
        Assert.Equal($"Condition/{p}-over", Keys(await Server.GetAsync($"Condition?_list={p}-list")));
        Assert.Equal($"Condition/{p}-over Patient/{p}", Keys(await Server.GetAsync($"?_list={p}-list")));
        Assert.Equal("", Keys(await Server.GetAsync("Condition?_list=never-was")));

        async Task Put(string type, string id, string more)
        {
            var reply = await Server.PutAsync($"{type}/{id}", $$"""{"resourceType":"{{type}}","id":"{{id}}"{{more}}}""");
            Assert.True(reply.Status == 201, reply.Body);
        }
    }

    private static string Keys(Reply reply, bool sorted = true)
    {
        var keys = reply.Entries.Where(e => e["search"]!["mode"]!.GetValue<string>() == "match").Select(e => $"{e["resource"]!["resourceType"]}/{e["resource"]!["id"]}");
        return string.Join(' ', sorted ? keys.Order(StringComparer.Ordinal) : keys);
    }
}

public sealed class SqliteStructureTests(SqliteChart server) : StructureTests(server), IClassFixture<SqliteChart>;

public sealed class PostgresStructureTests(PostgresChart server) : StructureTests(server), IClassFixture<PostgresChart>;
