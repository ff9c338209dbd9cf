using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

public class ResourceIndexerTests
{
    private static string Observation(string rest) => $$"""{"resourceType":"Observation","status":"final","code":{"text":"x"}{{rest}}}""";

    [Fact]
    public void A_codeable_concept_gives_a_token_for_each_coding()
    {
        var indexed = IndexedResource.Of("""
            {"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8480-6"},{"code":"local"},{"system":"urn:empty"}]}}
            """);

        Assert.Equal(["http://loinc.org|8480-6", "|local"], indexed.Tokens("code"));
        Assert.Equal(indexed.Tokens("code"), indexed.Tokens("combo-code"));
    }

    [Fact]
    public void A_bound_code_carries_the_system_its_binding_implies()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Patient","gender":"female"}""");

        Assert.Equal(["http://hl7.org/fhir/administrative-gender|female"], indexed.Tokens("gender"));
    }

    [Fact]
    public void Identifiers_keep_case_and_accents()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"Äb-01"}]}""");

        Assert.Equal(["urn:mrn|Äb-01"], indexed.Tokens("identifier"));
    }

    [Fact]
    public void Email_addresses_lose_their_case()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Patient","telecom":[{"system":"email","value":"Ann.Lee@Example.ORG"},{"system":"phone","value":"555-0100"}]}""");

        Assert.Equal(["|ann.lee@example.org"], indexed.Tokens("email"));
        Assert.Equal(["|555-0100"], indexed.Tokens("phone"));
        Assert.Equal(["|ann.lee@example.org", "|555-0100"], indexed.Tokens("telecom"));
    }

    [Fact]
    public void JSON_escapes_are_resolved_before_hashing()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"a\u002Fb"}]}""");

        Assert.Equal(["urn:mrn|a/b"], indexed.Tokens("identifier"));
    }

    [Theory]
    [InlineData("""{"resourceType":"Patient"}""", "|false")]
    [InlineData("""{"resourceType":"Patient","deceasedBoolean":false}""", "|false")]
    [InlineData("""{"resourceType":"Patient","deceasedBoolean":true}""", "|true")]
    [InlineData("""{"resourceType":"Patient","deceasedDateTime":"2020"}""", "|true")]
    public void Deceased_is_a_boolean_for_every_patient(string json, string expected) =>
        Assert.Equal([expected], IndexedResource.Of(json).Tokens("deceased"));

    [Fact]
    public void Versioned_and_plain_references_have_the_same_target()
    {
        var indexed = IndexedResource.Of(Observation(""","subject":{"reference":"Patient/p/_history/2"},"performer":[{"reference":"Practitioner/d"}]"""));

        Assert.Equal(["Patient/p"], indexed.References("subject"));
        Assert.Equal(["Patient/p"], indexed.References("patient"));
        Assert.Equal(["Practitioner/d"], indexed.References("performer"));
    }

    [Fact]
    public void A_contained_target_is_present_but_has_no_row()
    {
        var indexed = IndexedResource.Of(
            """{"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"in"}],"status":"final","code":{"text":"x"},"subject":{"reference":"#in"}}""");

        Assert.Empty(indexed.References("subject"));
        Assert.Contains("patient", indexed.Present);
    }

    [Fact]
    public void The_identifier_of_a_reference_is_a_token_of_the_same_parameter()
    {
        var indexed = IndexedResource.Of(Observation(""","subject":{"identifier":{"system":"urn:mrn","value":"7"}}"""));

        Assert.Empty(indexed.References("subject"));
        Assert.Equal(["urn:mrn|7"], indexed.Tokens("subject"));
    }

    [Fact]
    public void A_canonical_reference_is_found_with_and_without_its_version()
    {
        var indexed = IndexedResource.Of(
            """{"resourceType":"PlanDefinition","status":"draft","relatedArtifact":[{"type":"depends-on","resource":"http://x/lib|2"},{"type":"citation","citation":"c"}]}""");

        Assert.Equal(["http://x/lib", "http://x/lib|2"], indexed.References("depends-on"));
    }

    [Fact]
    public void Name_parts_and_text_are_folded_strings()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Patient","name":[{"text":"Dr. Åsa O'Brien-Lind","family":"O'Brien-Lind","given":["Åsa"],"prefix":["Dr."]}]}""");

        Assert.Equal(["dr asa obrien lind", "obrien lind", "asa", "dr"], indexed.Strings("name"));
        Assert.Equal(["obrien lind"], indexed.Strings("family"));
    }

    [Fact]
    public void Address_parts_are_strings_and_its_use_a_token()
    {
        var indexed = IndexedResource.Of(
            """{"resourceType":"Patient","address":[{"use":"home","type":"both","line":["1 Main St.","Apt 2"],"city":"Boston","state":"MA","postalCode":"02110","country":"US"}]}""");

        Assert.Equal(["1 main st", "apt 2", "boston", "ma", "02110", "us"], indexed.Strings("address"));
        Assert.Equal(["http://hl7.org/fhir/address-use|home"], indexed.Tokens("address-use"));
    }

    [Fact]
    public void A_long_string_is_cut_between_characters()
    {
        var indexed = IndexedResource.Of($$"""{"resourceType":"Patient","name":[{"family":"{{new string('a', 199)}}😀b"}]}""");

        Assert.Equal(199, indexed.Rows.Strings.First().Exact.Length);
    }

    [Fact]
    public void Numbers_are_sortable_keys()
    {
        var indexed = IndexedResource.Of(
            """{"resourceType":"RiskAssessment","status":"final","subject":{"reference":"Patient/p"},"prediction":[{"probabilityDecimal":0.020},{"probabilityRange":{"low":{"value":1},"high":{"value":3}}}]}""");

        Assert.Equal([IndexedResource.Key("0.02"), IndexedResource.Key("1"), IndexedResource.Key("3")], indexed.Numbers("probability"));
    }

    [Fact]
    public void A_quantity_is_indexed_as_recorded_by_unit_text_and_in_canonical_units()
    {
        var indexed = IndexedResource.Of(Observation(""","valueQuantity":{"value":5.40,"unit":"milligram","system":"http://unitsofmeasure.org","code":"mg"}"""));

        Assert.Equal(
            [$"{IndexedResource.Key("5.4")} u:http://unitsofmeasure.org|mg", $"{IndexedResource.Key("5.4")} u:|milligram", $"{IndexedResource.Key("0.0054")} c:g"],
            indexed.Quantities("value-quantity"));
    }

    [Fact]
    public void A_quantity_without_code_is_known_by_its_unit_text()
    {
        var indexed = IndexedResource.Of(Observation(""","valueQuantity":{"value":3,"unit":"drops"}"""));

        Assert.Equal([$"{IndexedResource.Key("3")} u:|drops"], indexed.Quantities("value-quantity"));
    }

    [Fact]
    public void Sampled_data_is_indexed_by_its_least_and_greatest_value()
    {
        var indexed = IndexedResource.Of(Observation(
            ""","valueSampledData":{"origin":{"value":10,"unit":"mV"},"period":1,"factor":0.5,"dimensions":1,"data":"1 E -4 U 8 L"}"""));

        Assert.Equal([$"{IndexedResource.Key("8")} u:|mV", $"{IndexedResource.Key("14")} u:|mV"], indexed.Quantities("value-quantity"));
    }

    [Fact]
    public void Money_has_its_currency_for_a_unit()
    {
        var indexed = IndexedResource.Of(
            """{"resourceType":"Invoice","status":"issued","totalNet":{"value":12.50,"currency":"USD"}}""");

        Assert.Equal([$"{IndexedResource.Key("12.5")} u:urn:iso:std:iso:4217|USD"], indexed.Quantities("totalnet"));
    }

    [Fact]
    public void Canonicals_are_uris_with_and_without_version()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Patient","meta":{"profile":["http://x/p|1.0","http://x/q"]}}""");

        Assert.Equal(["http://x/p|1.0", "http://x/p", "http://x/q"], indexed.Uris("_profile"));
    }

    [Fact]
    public void An_overlong_uri_keeps_its_beginning_and_stays_distinct()
    {
        var start = "http://x/" + new string('a', 500);
        var one = IndexedResource.Of($$"""{"resourceType":"ValueSet","status":"draft","url":"{{start}}1"}""").Uris("url").Single();
        var two = IndexedResource.Of($$"""{"resourceType":"ValueSet","status":"draft","url":"{{start}}2"}""").Uris("url").Single();

        Assert.Equal(UriRow.MaxLength, one.Length);
        Assert.NotEqual(one, two);
        Assert.StartsWith("http://x/aaa", one, StringComparison.Ordinal);
    }

    [Fact]
    public void Doubles_are_removed()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Patient","name":[{"family":"Lee","given":["Ann"]},{"family":"Lee","given":["Anna"]}]}""");

        Assert.Equal(["lee"], indexed.Strings("family"));
        Assert.Equal(["lee", "ann", "anna"], indexed.Strings("name"));
    }

    [Fact]
    public void Many_doubles_are_removed_too()
    {
        var names = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"family":"N{{i % 50}}"}"""));
        var indexed = IndexedResource.Of($$"""{"resourceType":"Patient","name":[{{names}}]}""");

        Assert.Equal(50, indexed.Strings("family").Length);
    }

    [Fact]
    public void A_patient_owns_itself()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Patient","link":[{"other":{"reference":"Patient/other"},"type":"seealso"}]}""");

        Assert.Equal(["self", "Patient/other"], indexed.Owners);
    }

    [Fact]
    public void The_subject_owns_before_those_who_took_part()
    {
        var indexed = IndexedResource.Of(
            """{"resourceType":"Observation","status":"final","code":{"text":"x"},"performer":[{"reference":"Patient/mother"},{"reference":"Practitioner/d"}],"subject":{"reference":"Patient/child"}}""");

        Assert.Equal(["Patient/child", "Patient/mother"], indexed.Owners);
    }

    [Fact]
    public void Patients_elsewhere_and_groups_own_nothing()
    {
        Assert.Empty(IndexedResource.Of(Observation(""","subject":{"reference":"http://elsewhere.org/Patient/1"}""")).Owners);
        Assert.Empty(IndexedResource.Of(Observation(""","subject":{"reference":"Group/g"}""")).Owners);
    }

    [Fact]
    public void The_shape_names_the_parameters_that_have_a_value()
    {
        var indexed = IndexedResource.Of("""{"resourceType":"Patient","meta":{"tag":[{"code":"t"}]},"active":true,"birthDate":"1980-05-01"}""");

        Assert.Equal(["_tag", "active", "birthdate", "deceased"], indexed.Present.Order(StringComparer.Ordinal));
    }
}
