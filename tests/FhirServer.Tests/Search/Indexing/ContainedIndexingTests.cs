namespace FhirEmr.FhirServer.Tests.Search.Indexing;

public class ContainedIndexingTests
{
    private const string Request = """
        {"resourceType":"MedicationRequest","contained":[{"resourceType":"Medication","id":"m","code":{"coding":[{"code":"aspirin"}]},"manufacturer":{"reference":"Organization/o"}},
         {"resourceType":"Medication","id":"unused","code":{"coding":[{"code":"ibuprofen"}]}}],
         "status":"active","intent":"order","medicationReference":{"reference":"#m"},"subject":{"reference":"Patient/p"}}
        """;

    [Fact]
    public void What_a_reference_points_at_inside_is_indexed_under_that_reference()
    {
        var indexed = IndexedResource.Of(Request);

        var code = indexed.Contained("medication", "Medication", "code").Number;
        Assert.Equal(["aspirin"], indexed.Rows.Tokens.Where(r => r.Param == code).Select(r => indexed.Symbols.TokenText(r.Hash)));
        var manufacturer = indexed.Contained("medication", "Medication", "manufacturer").Number;
        Assert.Equal(["Organization/o"], indexed.Rows.References.Where(r => r.Param == manufacturer).Select(r => indexed.Symbols.TargetText(r.Target)));
    }

    [Fact]
    public void The_rest_of_the_resource_is_indexed_as_ever()
    {
        var indexed = IndexedResource.Of(Request);

        Assert.Empty(indexed.References("medication"));
        Assert.Equal(["Patient/p"], indexed.References("patient"));
        Assert.Empty(indexed.Tokens("code"));
    }

    [Fact]
    public void A_contained_patient_owns_nothing() => Assert.Empty(IndexedResource.Of("""
        {"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"in"}],"status":"final","code":{"text":"x"},"subject":{"reference":"#in"}}
        """).Owners);
}
