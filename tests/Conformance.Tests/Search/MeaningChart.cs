using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Tests.Storage;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>Invented records for searches by what values mean: composites, value sets, hierarchies, places, contained resources.</summary>
internal static class MeaningChart
{
    private const string Loinc = "http://loinc.org", Ucum = "http://unitsofmeasure.org";

    /// <summary>A text longer than an index row, with what is sought far behind its beginning.</summary>
    public static string LongText(string end) => string.Concat(Enumerable.Range(0, 60).Select(i => $"line {i} of it, ")) + end;

    private static readonly string[] Resources =
    [
        """{"resourceType":"Patient","id":"pat","identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}],"text":"Medical record"},"system":"urn:a","value":"12345"}],"communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"en-US"}]}}]}""",
        """{"resourceType":"Patient","id":"cap","identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"SS"}]},"system":"urn:b","value":"12345"}],"name":[{"family":"Jose\u0301"}]}""",
        BloodPressure("bp1", 120, 80), BloodPressure("bp2", 80, 120), BloodPressure("bp3", 150, 95),
        Measured("temp", "8310-5", """{"value":37,"unit":"C","system":"http://unitsofmeasure.org","code":"Cel"}"""),
        Measured("warm", "8310-5", """{"value":101.3,"unit":"F","system":"http://unitsofmeasure.org","code":"[degF]"}"""),
        Measured("acid", "2748-2", """{"value":7.40,"unit":"pH","system":"http://unitsofmeasure.org","code":"[pH]"}"""),
        Measured("tiny", "787-2", """{"value":44.832731798734144,"unit":"fL","system":"http://unitsofmeasure.org","code":"fL"}"""),
        """{"resourceType":"Observation","id":"sampled","status":"final","code":{"text":"ECG"},"component":[{"code":{"coding":[{"code":"lead"}]},"valueSampledData":{"origin":{"value":0,"system":"http://unitsofmeasure.org","code":"uV"},"period":10,"factor":2,"dimensions":1,"data":"1 E 3 -2"}}]}""",
        Measured("below", "6690-2", """{"value":5,"comparator":"<","unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}"""),
        Measured("above", "6690-2", """{"value":5,"comparator":">","unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}"""),
        Measured("most", "6690-2", """{"value":5,"comparator":"<=","unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}"""),
        $$$"""{"resourceType":"Observation","id":"colour","status":"final","code":{"coding":[{"system":"{{{Loinc}}}","code":"5778-6","display":"Color of Urine"}],"text":"Urine colour"},"valueCodeableConcept":{"coding":[{"system":"urn:colour","code":"amber"}],"text":"Amber"}}""",
        """{"resourceType":"Observation","id":"words","status":"final","code":{"text":"Colour of the sky"},"valueString":"said: 1$2, no more"}""",
        $$$"""{"resourceType":"Observation","id":"other","status":"final","code":{"coding":[{"system":"{{{Loinc}}}","code":"5778-6","display":"Something else"}]},"component":[{"code":{"coding":[{"code":"c1"}]},"valueCodeableConcept":{"coding":[{"system":"urn:colour","code":"amber"}]}},{"code":{"coding":[{"code":"c2"}]},"valueCodeableConcept":{"coding":[{"code":"red"}]}}]}""",
        """{"resourceType":"Group","id":"g1","type":"person","actual":false,"characteristic":[{"code":{"coding":[{"code":"gender"}]},"valueCodeableConcept":{"coding":[{"code":"female"}]},"exclude":false},{"code":{"coding":[{"code":"smoker"}]},"valueBoolean":true,"exclude":true}]}""",
        """{"resourceType":"Group","id":"g2","type":"person","actual":false,"characteristic":[{"code":{"coding":[{"code":"smoker"}]},"valueCodeableConcept":{"coding":[{"code":"female"}]},"exclude":false},{"code":{"coding":[{"code":"gender"}]},"valueBoolean":true,"exclude":true}]}""",
        """{"resourceType":"DocumentReference","id":"d1","status":"current","content":[{"attachment":{"url":"http://x/1"}}]}""",
        """{"resourceType":"DocumentReference","id":"d2","status":"current","content":[{"attachment":{"url":"http://x/2"}}],"relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/d1"}},{"code":"appends","target":{"reference":"DocumentReference/d3"}}]}""",
        """{"resourceType":"DocumentReference","id":"d3","status":"current","content":[{"attachment":{"url":"http://x/3"}}]}""",
        """{"resourceType":"MolecularSequence","id":"m1","coordinateSystem":0,"referenceSeq":{"chromosome":{"coding":[{"code":"1"}]},"windowStart":10,"windowEnd":90},"variant":[{"start":10,"end":20},{"start":30,"end":40}]}""",
        """{"resourceType":"PlanDefinition","id":"plan","status":"draft","useContext":[{"code":{"code":"age"},"valueRange":{"low":{"value":12,"system":"http://unitsofmeasure.org","code":"a"},"high":{"value":18,"system":"http://unitsofmeasure.org","code":"a"}}},{"code":{"code":"focus"},"valueCodeableConcept":{"coding":[{"code":"asthma"}]}}]}""",
        """{"resourceType":"CodeSystem","id":"colours","url":"urn:colour","status":"active","content":"complete","concept":[{"code":"warm","concept":[{"code":"amber"},{"code":"orange"}]},{"code":"cold","property":[{"code":"kind","valueCode":"blueish"}],"concept":[{"code":"blue"}]}]}""",
        """{"resourceType":"ValueSet","id":"warm","url":"http://x.org/vs/warm","version":"1.9","status":"active","compose":{"include":[{"system":"urn:colour","filter":[{"property":"concept","op":"is-a","value":"warm"}]}]}}""",
        """{"resourceType":"ValueSet","id":"warmer","url":"http://x.org/vs/warm","version":"1.10","status":"active","compose":{"include":[{"system":"urn:colour","filter":[{"property":"concept","op":"descendent-of","value":"warm"}]}],"exclude":[{"system":"urn:colour","concept":[{"code":"amber"}]}]}}""",
        """{"resourceType":"ValueSet","id":"whole","url":"http://x.org/vs/whole","status":"active","compose":{"include":[{"system":"urn:colour"}]}}""",
        """{"resourceType":"ValueSet","id":"import","url":"http://x.org/vs/import","status":"active","compose":{"include":[{"valueSet":["http://x.org/vs/warm|1.9"]},{"system":"http://loinc.org","concept":[{"code":"5778-6"}]}]}}""",
        """{"resourceType":"ValueSet","id":"circle","url":"http://x.org/vs/circle","status":"active","compose":{"include":[{"valueSet":["http://x.org/vs/circle"]}]}}""",
        """{"resourceType":"ValueSet","id":"listed","url":"http://x.org/vs/listed","status":"active","expansion":{"timestamp":"2024-01-01","contains":[{"system":"urn:colour","code":"amber"}]}}""",
        """{"resourceType":"Condition","id":"dm","subject":{"reference":"Patient/pat"},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E11.9"}]}}""",
        """{"resourceType":"Condition","id":"ht","subject":{"reference":"Patient/pat"},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"I10"}]}}""",
        """{"resourceType":"Location","id":"site","name":"Site","position":{"longitude":-83.69,"latitude":42.25}}""",
        """{"resourceType":"Location","id":"house","partOf":{"reference":"Location/site"},"position":{"longitude":-83.70,"latitude":42.26}}""",
        """{"resourceType":"Location","id":"room","partOf":{"reference":"Location/house"}}""",
        """{"resourceType":"Location","id":"fiji","position":{"longitude":179.95,"latitude":-16.8}}""",
        """{"resourceType":"Location","id":"samoa","position":{"longitude":-179.95,"latitude":-16.8}}""",
        """{"resourceType":"Location","id":"pole","position":{"longitude":90,"latitude":89.9}}""",
        """{"resourceType":"Procedure","id":"operation","status":"completed","subject":{"reference":"Patient/pat"},"location":{"reference":"Location/room"}}""",
        """{"resourceType":"MedicationRequest","id":"inside","contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{"system":"urn:drug","code":"aspirin","display":"Aspirin 81"}]},"status":"active","manufacturer":{"reference":"Organization/bayer"}}],"status":"active","intent":"order","medicationReference":{"reference":"#m"},"subject":{"reference":"Patient/pat"}}""",
        """{"resourceType":"MedicationRequest","id":"outside","status":"active","intent":"order","medicationReference":{"reference":"Medication/ibu"},"subject":{"reference":"Patient/pat"}}""",
        """{"resourceType":"MedicationRequest","id":"none","status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"urn:drug","code":"aspirin"}]},"subject":{"reference":"Patient/pat"}}""",
        """{"resourceType":"Medication","id":"ibu","code":{"coding":[{"system":"urn:drug","code":"ibuprofen"}]}}""",
        """{"resourceType":"Organization","id":"bayer","name":"Bayer"}""",
        $$$"""{"resourceType":"PlanDefinition","id":"long","status":"active","description":"{{{LongText("the needle, and no more")}}}"}""",
        $$$"""{"resourceType":"PlanDefinition","id":"longer","status":"active","description":"{{{LongText("the needle, and more")}}}","relatedArtifact":[{"type":"depends-on","resource":"http://x.org/lib|2"}],"library":["http://x.org/lib|2"]}""",
        Scheduled("two", """["2024-03-10T01:30:00-05:00","2024-11-03"]"""),
    ];

    public static async Task StoreAsync(ServerFixture server)
    {
        var entries = Resources.Select(json => (Json: json, Id: json.Split('"')[7], Type: json.Split('"')[3]))
            .Select(r => $$$"""{"resource":{{{r.Json}}},"request":{"method":"PUT","url":"{{{r.Type}}}/{{{r.Id}}}"}}""");
        var reply = await server.PostAsync("", $$$"""{"resourceType":"Bundle","type":"transaction","entry":[{{{string.Join(',', entries)}}}]}""");
        Assert.True(reply.Status == 200, reply.Body);
    }

    private static string BloodPressure(string id, int systolic, int diastolic) =>
        $$$"""{"resourceType":"Observation","id":"{{{id}}}","status":"final","code":{"coding":[{"system":"{{{Loinc}}}","code":"85354-9"}]},"component":[{{{Component("8480-6", systolic)}}},{{{Component("8462-4", diastolic)}}}]}""";

    private static string Component(string code, int value) =>
        $$$"""{"code":{"coding":[{"system":"{{{Loinc}}}","code":"{{{code}}}"}]},"valueQuantity":{"value":{{{value}}},"unit":"mmHg","system":"{{{Ucum}}}","code":"mm[Hg]"}}""";

    private static string Measured(string id, string code, string quantity) =>
        $$$"""{"resourceType":"Observation","id":"{{{id}}}","status":"final","code":{"coding":[{"system":"{{{Loinc}}}","code":"{{{code}}}"}]},"valueQuantity":{{{quantity}}}}""";

    private static string Scheduled(string id, string events) =>
        $$$"""{"resourceType":"ServiceRequest","id":"{{{id}}}","status":"active","intent":"order","subject":{"reference":"Patient/pat"},"occurrenceTiming":{"event":{{{events}}}}}""";
}

public sealed class SqliteMeaning() : ServerFixture(null)
{
    protected override Task SeedAsync() => MeaningChart.StoreAsync(this);
}

public sealed class PostgresMeaning(PostgresCluster cluster) : ServerFixture(cluster)
{
    protected override Task SeedAsync() => MeaningChart.StoreAsync(this);
}
