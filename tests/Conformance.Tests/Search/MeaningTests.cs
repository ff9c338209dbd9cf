using FhirEmr.Conformance.Tests.Hosting;

namespace FhirEmr.Conformance.Tests.Search;

/// <summary>Searches by what values mean, against answers worked out by hand: what belongs together, what a code stands for, what lies near.</summary>
public abstract class MeaningTests(ServerFixture fixture) : OnServer(fixture)
{
    [Theory]
    [InlineData("Observation?code-value-quantity=8310-5$gt38||Cel", "")]
    [InlineData("Observation?code-value-quantity=8310-5$gt38|http://unitsofmeasure.org|Cel", "warm")]
    [InlineData("Observation?code-value-quantity=http://loinc.org|8310-5$37|http://unitsofmeasure.org|Cel,2748-2$7.4", "acid temp")]
    [InlineData("Observation?code-value-quantity=2748-2$gt38|http://unitsofmeasure.org|Cel", "")]
    [InlineData("Observation?code-value-concept=5778-6$amber", "colour")]
    [InlineData("Observation?code-value-concept=5778-6$urn:colour|", "colour")]
    [InlineData(@"Observation?code-value-string=http://loinc.org|9$said", "")]
    [InlineData("Observation?component-code-value-quantity=8480-6$gt100", "bp1 bp3")]
    [InlineData("Observation?component-code-value-quantity=8480-6$120||mm[Hg]", "bp1")]
    [InlineData("Observation?component-code-value-quantity=http://loinc.org|8462-4$ge95|http://unitsofmeasure.org|mm[Hg]", "bp2 bp3")]
    [InlineData("Observation?component-code-value-quantity=|8462-4$ge95", "")]
    [InlineData("Observation?component-code-value-quantity=8480-6$gt16000|http://unitsofmeasure.org|Pa", "bp3")]
    [InlineData("Observation?component-code-value-quantity=8480-6$lt100,8462-4$90", "bp2")]
    [InlineData("Observation?component-code-value-quantity=8480-6$ne120", "bp2 bp3")]
    [InlineData("Observation?component-code-value-concept=c1$amber", "other")]
    [InlineData("Observation?component-code-value-concept=c2$amber", "")]
    [InlineData("Observation?component-code-value-concept=c2$|red", "other")]
    [InlineData("Observation?combo-code-value-concept=c1$amber,5778-6$amber", "colour other")]
    [InlineData("Observation?combo-code-value-quantity=8480-6$150,8310-5$37", "bp3 temp")]
    [InlineData("Observation?component-code-value-quantity:missing=false", "bp1 bp2 bp3")]
    [InlineData("Observation?combo-code-value-concept:missing=false", "colour other")]
    [InlineData("Group?characteristic-value=gender$female", "g1")]
    [InlineData("Group?characteristic-value=smoker$true", "g1")]
    [InlineData("Group?characteristic-value=gender$true", "g2")]
    [InlineData("DocumentReference?relationship=DocumentReference/d1$replaces", "d2")]
    [InlineData("DocumentReference?relationship=replaces$DocumentReference/d1", "d2")]
    [InlineData("DocumentReference?relationship=DocumentReference/d1$appends", "")]
    [InlineData("MolecularSequence?chromosome-variant-coordinate=1$ge10$le20", "m1")]
    [InlineData("MolecularSequence?chromosome-variant-coordinate=1$10$40", "")]
    [InlineData("MolecularSequence?chromosome-variant-coordinate=2$10$20", "")]
    [InlineData("MolecularSequence?chromosome-window-coordinate=1$ge10$lt91", "m1")]
    [InlineData("PlanDefinition?context-type-quantity=age$12|http://unitsofmeasure.org|a", "plan")]
    [InlineData("PlanDefinition?context-type-quantity=focus$12|http://unitsofmeasure.org|a", "")]
    [InlineData("PlanDefinition?context-type-value=focus$asthma", "plan")]
    [InlineData("PlanDefinition?context-type-value=age$asthma", "")]
    [InlineData("Patient?_has:Group:member:characteristic-value=gender$female", "")]
    public Task Composites_hold_within_one_repetition(string query, string expected) => FindsAsync(query, expected);

    [Theory]
    [InlineData("Observation?code:text=color", "colour")]
    [InlineData("Observation?code:text=COLOUR of", "words")]
    [InlineData("Observation?code:text=urine", "colour")]
    [InlineData("Observation?code:text=something", "other")]
    [InlineData("Observation?code:text=color,something", "colour other")]
    [InlineData("Observation?code:text=of", "")]
    [InlineData("Observation?code:text=urine&value-concept=amber", "colour")]
    [InlineData("Observation?code=Colour of the sky", "")]
    [InlineData("Patient?identifier:text=medical", "pat")]
    [InlineData("Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|12345", "pat")]
    [InlineData("Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|SS|12345", "cap")]
    [InlineData("Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|SS|1", "")]
    [InlineData("Patient?language=EN-us", "pat")]
    [InlineData("Patient?language=urn:ietf:bcp:47|en-us", "pat")]
    [InlineData("Patient?language=fr", "")]
    public Task Tokens_by_text_and_type(string query, string expected) => FindsAsync(query, expected);

    [Theory]
    [InlineData("Observation?value-concept:in=http://x.org/vs/warm|1.9", "colour")]
    [InlineData("Observation?value-concept:in=http://x.org/vs/warm", "")] // 1.10 is the newest and leaves amber out
    [InlineData("Observation?value-concept:in=ValueSet/warm", "colour")]
    [InlineData("Observation?value-concept:in={base}/ValueSet/warm", "colour")]
    [InlineData("Observation?value-concept:in=http://x.org/vs/whole", "colour")]
    [InlineData("Observation?value-concept:in=http://x.org/vs/listed", "colour")]
    [InlineData("Observation?combo-code:in=http://x.org/vs/import", "colour other")]
    [InlineData("Observation?value-concept:in=urn:colour?fhir_vs", "colour")]
    [InlineData("Observation?value-concept:in=urn:colour?fhir_vs=isa/cold", "")]
    [InlineData("Observation?value-concept:not-in=http://x.org/vs/whole&code=5778-6", "other")]
    [InlineData("Observation?value-concept:below=urn:colour|warm", "colour")]
    [InlineData("Observation?value-concept:below=urn:colour|cold", "")]
    [InlineData("Observation?value-concept:above=urn:colour|amber", "colour")]
    [InlineData("Condition?code:below=http://hl7.org/fhir/sid/icd-10-cm|E11", "dm")]
    [InlineData("Condition?code:below=http://hl7.org/fhir/sid/icd-10-cm|I10", "ht")]
    [InlineData("Condition?code:in=http://hl7.org/fhir/sid/icd-10-cm?fhir_vs=isa/E11", "dm")]
    [InlineData("Condition?code:in=http://hl7.org/fhir/sid/icd-10-cm?fhir_vs", "dm ht")]
    public Task Tokens_by_value_set_and_hierarchy(string query, string expected) => FindsAsync(query, expected);

    [Fact]
    public async Task A_circle_of_value_sets_is_refused_as_too_costly()
    {
        var reply = await Server.GetAsync("Observation?code:in=http://x.org/vs/circle");

        Assert.InRange(reply.Status, 400, 499);
        Assert.Contains("circle", reply.Diagnostics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Procedure?location:below=Location/site", "operation")]
    [InlineData("Procedure?location:below=site", "operation")]
    [InlineData("Procedure?location=Location/site", "")]
    [InlineData("Location?partof:below=Location/site", "house room")]
    [InlineData("Location?partof:above=Location/room", "house room")]
    [InlineData("Procedure?location:above=Location/house", "")]
    [InlineData("Procedure?location:below=Location/nowhere", "")]
    [InlineData("PlanDefinition?depends-on=http://x.org/lib", "longer")]
    [InlineData("PlanDefinition?depends-on=http://x.org/lib|2", "longer")]
    [InlineData("PlanDefinition?depends-on=http://x.org/lib|3", "")]
    [InlineData("ValueSet?url=http://x.org/vs/warm|1.9", "warm")]
    [InlineData("ValueSet?url:above=http://x.org/vs/warm/and/more", "warm warmer")]
    [InlineData("ValueSet?url:below=http://x.org/vs/warm", "warm warmer")]
    public Task References_and_addresses(string query, string expected) => FindsAsync(query, expected);

    [Theory]
    [InlineData("near=42.25|-83.69", "house site")]
    [InlineData("near=42.25|-83.69|1", "site")]
    [InlineData("near=42.25|-83.69|1|km", "site")]
    [InlineData("near=42.25|-83.69|1|[mi_i]", "house site")]
    [InlineData("near=42.25|-83.69|1400|m", "house site")]
    [InlineData("near=42.25|-83.69|1380|m", "site")]
    [InlineData("near=42.25|-83.69|0", "site")]
    [InlineData("near=-16.8|180|12", "fiji samoa")]
    [InlineData("near=-16.8|-179.99|12", "fiji samoa")]
    [InlineData("near=-16.8|179.99|6", "fiji")]
    [InlineData("near=89.95|-90|20", "pole")]
    [InlineData("near=89.95|-90|10", "")]
    [InlineData("near=0|0|30000", "fiji house pole samoa site")]
    [InlineData("near=42.25|-83.69|1,-16.8|180|12", "fiji samoa site")]
    [InlineData("near:missing=true", "room")]
    public Task Places_near(string query, string expected) => FindsAsync("Location?" + query, expected);

    [Theory]
    [InlineData("medication.code=aspirin", "inside")]
    [InlineData("medication.code=urn:drug|aspirin,urn:drug|ibuprofen", "inside outside")]
    [InlineData("medication:Medication.code=ibuprofen", "outside")]
    [InlineData("medication.code:not=aspirin", "outside")]
    [InlineData("medication.code:text=aspirin", "inside")]
    [InlineData("medication.manufacturer.name=bayer", "inside")]
    [InlineData("medication.manufacturer:missing=true", "outside")]
    [InlineData("medication.status:missing=false", "inside")]
    [InlineData("medication._id=m", "")]
    [InlineData("patient=pat&medication.code=aspirin", "inside")]
    public Task Chains_see_contained_resources(string query, string expected) => FindsAsync("MedicationRequest?" + query, expected);

    [Fact]
    public async Task What_is_no_longer_contained_is_no_longer_found()
    {
        const string Id = "MedicationRequest/changing";
        Assert.Equal(201, (await Server.PutAsync(Id, Request("first"))).Status);
        await FindsAsync("MedicationRequest?medication.code=first", "changing");
        Assert.Equal(200, (await Server.PutAsync(Id, Request("second"))).Status);
        await FindsAsync("MedicationRequest?medication.code=first", "");
        await FindsAsync("MedicationRequest?medication.code=second", "changing");
        Assert.InRange((await Server.DeleteAsync(Id)).Status, 200, 204);
        await FindsAsync("MedicationRequest?medication.code=second", "");

        static string Request(string code) => $$$"""{"resourceType":"MedicationRequest","id":"changing","contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{"code":"{{{code}}}"}]}}],"status":"active","intent":"order","medicationReference":{"reference":"#m"},"subject":{"reference":"Patient/pat"}}""";
    }

    [Theory]
    [InlineData("37|http://unitsofmeasure.org|Cel", "temp")]
    [InlineData("98.6|http://unitsofmeasure.org|[degF]", "temp")]
    [InlineData("gt310.2|http://unitsofmeasure.org|K", "warm")]
    [InlineData("7.4|http://unitsofmeasure.org|[pH]", "acid")]
    [InlineData("ap7.2||[pH]", "acid")]
    [InlineData("5||mg", "")] // "< 5" is not 5, nor is "<= 5"
    [InlineData("5", "")]
    [InlineData("ne5||mg", "above below most")]
    [InlineData("lt5||mg", "below most")]
    [InlineData("lt3||mg", "below most")]
    [InlineData("lt6||mg", "above below most")]
    [InlineData("eb5||mg", "below")]
    [InlineData("eb6||mg", "below most")]
    [InlineData("eb3||mg", "")]
    [InlineData("le5||mg", "below most")]
    [InlineData("gt5||mg", "above")]
    [InlineData("gt4||mg", "above below most")]
    [InlineData("sa5||mg", "above")]
    [InlineData("sa4||mg", "above")]
    [InlineData("sa6||mg", "")]
    [InlineData("ge5||mg", "above most")]
    [InlineData("ap5||mg", "above below most")]
    [InlineData("ap3||mg", "below most")]
    [InlineData("lt0.005|http://unitsofmeasure.org|g", "below most")]
    [InlineData("ge5e-3|http://unitsofmeasure.org|g", "above most")]
    [InlineData("44.832731798734144|http://unitsofmeasure.org|fL", "tiny")]
    [InlineData("44.832731798734145|http://unitsofmeasure.org|fL", "")]
    [InlineData("4e1|http://unitsofmeasure.org|fL", "")]
    public Task Quantities_of_special_units_and_beyond_limits(string value, string expected) => FindsAsync("Observation?value-quantity=" + value, expected);

    [Theory]
    [InlineData("value-quantity", "acid")]
    [InlineData("-value-quantity", "acid")]
    public async Task Sorting_by_quantity_compares_within_a_unit_and_puts_what_has_no_base_unit_last(string sort, string last)
    {
        var ids = (await Server.GetAsync($"Observation?_id=temp,warm,acid,tiny&_sort={sort}&_count=10")).Ids;

        Assert.Equal(last, ids[^1]);
        Assert.Equal(sort[0] == '-' ? "warm temp" : "temp warm", string.Join(' ', ids.Where(i => i is "warm" or "temp"))); // 101.3 [degF] is more than 37 Cel
        Assert.NotInRange(ids.ToList().IndexOf("tiny"), Math.Min(ids.ToList().IndexOf("warm"), ids.ToList().IndexOf("temp")), Math.Max(ids.ToList().IndexOf("warm"), ids.ToList().IndexOf("temp")));
    }

    [Theory]
    [InlineData("component-value-quantity=-4||uV", "sampled")]
    [InlineData("component-value-quantity=6|http://unitsofmeasure.org|uV", "sampled")]
    [InlineData("combo-value-quantity=lt-3||uV", "sampled")]
    [InlineData("component-value-quantity=7||uV", "")]
    public Task Sampled_data_of_a_component_counts_by_its_least_and_greatest_value(string query, string expected) => FindsAsync("Observation?" + query, expected);

    [Theory]
    [InlineData("2024-03-10", "two")]
    [InlineData("2024-11", "two")]
    [InlineData("2024-03-10T06:30:00Z", "two")]
    [InlineData("2024-06", "")]
    [InlineData("lt2024-04&occurrence=gt2024-10", "two")]
    [InlineData("ge2024-04-01&occurrence=le2024-10-31", "two")] // each is true of one of its two events
    public Task A_timing_matches_by_any_of_its_events(string value, string expected) => FindsAsync("ServiceRequest?occurrence=" + value, expected);

    [Theory]
    [InlineData("description:contains=needle", "long longer")]
    [InlineData("description:contains=NEEDLE, and no", "long")]
    [InlineData("description:contains=haystack", "")]
    [InlineData("description:contains=line 12 of it, line 13 of it, line 14 of it, line 15 of it, line 16 of it, line 17 of it, line 18", "long longer")]
    [InlineData("description:contains=line 12 of it, line 13 of it, line 14 of it, line 15 of it, line 16 of it, line 18 of it, line 18", "")]
    [InlineData("description=line 0 of it", "long longer")]
    [InlineData("description=the needle", "")]
    [InlineData("description:exact={long}the needle\\, and no more", "long")]
    [InlineData("description={long}the needle and", "long longer")]
    [InlineData("description={long}the needle and more", "longer")]
    public Task Texts_longer_than_a_row_of_the_index(string query, string expected) =>
        FindsAsync("PlanDefinition?" + query.Replace("{long}", MeaningChart.LongText("").Replace(",", "\\,", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("it, l", "it\\, l", StringComparison.Ordinal).Replace("NEEDLE, ", "NEEDLE\\, ", StringComparison.Ordinal), expected);

    [Theory]
    [InlineData("family:exact=Jos%C3%A9", "cap")]
    [InlineData("family:exact=Jose%CC%81", "cap")]
    [InlineData("family:exact=Jose", "")]
    [InlineData("family=jose", "cap")]
    public Task One_grapheme_is_one_however_it_is_spelled(string query, string expected) => FindsAsync("Patient?" + query, expected);

    private async Task FindsAsync(string query, string expected)
    {
        query = query.Replace("{base}", Server.BaseUrl, StringComparison.Ordinal).Replace("|", "%7C", StringComparison.Ordinal);
        var reply = await Server.GetAsync(query);

        Assert.True(reply.Status == 200, reply.Body);
        Assert.Equal(expected, string.Join(' ', reply.Ids.Order(StringComparer.Ordinal)));
        var count = await Server.GetAsync(query + "&_summary=count");
        Assert.Equal(reply.Ids.Count, count.Json["total"]!.GetValue<int>());
    }
}

public sealed class SqliteMeaningTests(SqliteMeaning server) : MeaningTests(server), IClassFixture<SqliteMeaning>;

public sealed class PostgresMeaningTests(PostgresMeaning server) : MeaningTests(server), IClassFixture<PostgresMeaning>;
