using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>A few invented records in which each search has an answer that can be worked out by hand.</summary>
internal static class Chart
{
    private static readonly string[] Resources =
    [
        """{"resourceType":"Organization","id":"org","name":"Plainsboro Clinic"}""",
        """{"resourceType":"Organization","id":"ward","name":"Ward Seven","partOf":{"reference":"Organization/org"}}""",
        """{"resourceType":"Practitioner","id":"dr","name":[{"family":"House","given":["Greta"]}]}""",
        """
        {"resourceType":"Patient","id":"p1","meta":{"tag":[{"system":"urn:tag","code":"red"}],"profile":["http://example.org/p/one"],"security":[{"system":"urn:sec","code":"R"}]},
         "identifier":[{"system":"urn:mrn","value":"A1"},{"value":"X9"}],"active":true,"name":[{"family":"Müller-Lüdenscheidt","given":["Ann","Beth"]}],"gender":"female","birthDate":"1980-02-29",
         "telecom":[{"system":"email","value":"Ann@Example.org"}],"address":[{"city":"Boston","postalCode":"02118"}],
         "generalPractitioner":[{"reference":"Practitioner/dr"}],"managingOrganization":{"reference":"Organization/org"}}
        """,
        """
        {"resourceType":"Patient","id":"p2","meta":{"tag":[{"system":"urn:tag","code":"blue"}]},"identifier":[{"system":"urn:mrn","value":"A2"}],"active":false,
         "name":[{"family":"Muller","given":["Bob"]}],"gender":"male","birthDate":"1980-02","managingOrganization":{"reference":"Organization/ward"}}
        """,
        """
        {"resourceType":"Patient","id":"p3","meta":{"tag":[{"system":"urn:other","code":"red"}]},"identifier":[{"system":"urn:other","value":"A1"}],
         "name":[{"family":"O'Brien","given":["Annabel"]}],"gender":"other","birthDate":"1975"}
        """,
        """{"resourceType":"Patient","id":"p4","active":false}""",
        """{"resourceType":"Patient","id":"p5","name":[{"family":"Smith, Jr"}],"gender":"male","birthDate":"2001-01-01"}""",
        """
        {"resourceType":"Encounter","id":"e1","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"subject":{"reference":"Patient/p1"},
         "participant":[{"individual":{"reference":"Practitioner/dr"}}],"serviceProvider":{"reference":"Organization/ward"},"period":{"start":"2024-05-01T09:00:00-04:00","end":"2024-05-01T09:30:00-04:00"}}
        """,
        """{"resourceType":"Encounter","id":"e2","status":"in-progress","class":{"code":"IMP"},"subject":{"reference":"Patient/p2"},"period":{"start":"2024-05-01T23:30:00-05:00"}}""",
        Observation("o1", """ "status":"final","subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"},"performer":[{"reference":"Practitioner/dr"}],"effectiveDateTime":"2024-05-01","valueQuantity":{"value":5.4,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"} """),
        Observation("o2", """ "status":"amended","subject":{"reference":"Patient/p1"},"effectiveDateTime":"2024-05-01T23:30:00-05:00","valueQuantity":{"value":5400,"unit":"ug","system":"http://unitsofmeasure.org","code":"ug"} """),
        Observation("o3", """ "status":"final","subject":{"reference":"Patient/p2"},"effectivePeriod":{"start":"2024-04-30","end":"2024-05-02"},"valueQuantity":{"value":5.44,"unit":"mg"} """),
        Observation("o4", """ "status":"preliminary","subject":{"reference":"Patient/p2"},"effectiveInstant":"2024-05-02T04:30:00Z","valueString":"Clear Ünderneath" """, "urn:local"),
        Observation("o5", """ "status":"final","subject":{"reference":"Patient/p3"},"valueQuantity":{"value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"} """),
        Observation("o6", """ "status":"cancelled","subject":{"identifier":{"system":"urn:mrn","value":"Z9"}},"effectivePeriod":{"start":"2030-01-01"},"valueQuantity":{"value":5.4,"unit":"milli","system":"urn:units","code":"mg"} """, null),
        ChargeItem("c1", "1.0"), ChargeItem("c2", "1.25"), ChargeItem("c3", "2"), ChargeItem("c4", "-0.5"), ChargeItem("c5", null),
        """{"resourceType":"ValueSet","id":"v1","url":"http://example.org/vs/one","status":"active"}""",
        """{"resourceType":"ValueSet","id":"v2","url":"http://example.org/vs/one/two","status":"draft"}""",
        """{"resourceType":"ValueSet","id":"v3","url":"http://example.org/vs/one-and-a-half","status":"draft"}""",
    ];

    public static async Task StoreAsync(ServerFixture server)
    {
        var entries = Resources.Select(json => (Json: json, Id: json.Split('"')[7], Type: json.Split('"')[3]))
            .Select(r => $$$"""{"resource":{{{r.Json}}},"request":{"method":"PUT","url":"{{{r.Type}}}/{{{r.Id}}}"}}""");
        var reply = await server.PostAsync("", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{string.Join(',', entries)}}]}""");
        Assert.True(reply.Status == 200, reply.Body);
    }

    /// <param name="system">System of its code; null for a code without one.</param>
    private static string Observation(string id, string members, string? system = "http://loinc.org") =>
        $$$"""{"resourceType":"Observation","id":"{{{id}}}","code":{"coding":[{{{{(system is null ? "" : $"\"system\":\"{system}\",")}}}"code":"8480-6"}]},{{{members}}}}""";

    private static string ChargeItem(string id, string? factor) =>
        $$$"""{"resourceType":"ChargeItem","id":"{{{id}}}","status":"billable","code":{"text":"x"},"subject":{"reference":"Patient/p1"}{{{(factor is null ? "" : $",\"factorOverride\":{factor}")}}}}""";
}

public sealed class SqliteChart() : ServerFixture(null)
{
    protected override Task SeedAsync() => Chart.StoreAsync(this);
}

public sealed class PostgresChart(PostgresCluster cluster) : ServerFixture(cluster)
{
    protected override Task SeedAsync() => Chart.StoreAsync(this);
}
