using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Tests.Search.Indexing;

public class CompositeIndexerTests
{
    [Fact]
    public void A_repetition_pairs_its_tokens_with_its_quantities_and_leaves_no_other_rows_behind()
    {
        var indexed = IndexedResource.Of("""
            {"resourceType":"Observation","status":"final","code":{"text":"bp"},"component":[
             {"code":{"coding":[{"system":"urn:s","code":"a"},{"code":"b"}]},"valueQuantity":{"value":120,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}},
             {"code":{"coding":[{"code":"c"}]},"valueString":"no quantity"}]}
            """);
        var (recorded, canonical) = (IndexedResource.Key("120"), IndexedResource.Key("0.12"));

        Assert.Equal(
            [$"urn:s|a $ u:http://unitsofmeasure.org|mg {recorded}", $"urn:s|a $ c:g {canonical}", $"|b $ u:http://unitsofmeasure.org|mg {recorded}", $"|b $ c:g {canonical}"],
            indexed.Composites("component-code-value-quantity"));
        Assert.Equal(2, indexed.Quantities("component-value-quantity").Length);
        Assert.Equal(["urn:s|a", "|b", "|c"], indexed.Tokens("component-code"));
        Assert.Contains("component-code-value-quantity", indexed.Present);
        Assert.DoesNotContain("component-code-value-concept", indexed.Present);
    }

    [Fact]
    public void A_second_token_stands_as_its_hash_with_its_system_as_unit()
    {
        var indexed = IndexedResource.Of("""
            {"resourceType":"PlanDefinition","status":"draft","useContext":[{"code":{"code":"focus"},"valueCodeableConcept":{"coding":[{"system":"urn:x","code":"y"}],"text":"Why"}}]}
            """);

        Assert.Equal([$"|focus $ urn:x {CompositeRow.Hex(indexed.Symbols.Token("y"u8))}"], indexed.Composites("context-type-value"));
        Assert.Empty(indexed.Composites("context-type-quantity"));
    }

    [Fact]
    public void Two_whole_numbers_stand_in_one_row()
    {
        var rows = IndexedResource.Of("""{"resourceType":"MolecularSequence","coordinateSystem":0,"variant":[{"start":10,"end":20},{"start":30}]}""").Rows.Composites;

        Assert.All(rows, r => Assert.Equal((0L, 10, 20, ""), (r.Hash, r.Unit, r.System, r.Value)));
        Assert.Equal(2, rows.Count); // for chromosome and for reference sequence
    }

    [Fact]
    public void A_resource_without_the_repeating_element_pays_nothing() =>
        Assert.Empty(IndexedResource.Of("""{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"a"}]},"valueQuantity":{"value":1}}""").Rows.Composites);
}
