using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Tests.Search.Indexing.Extraction;

public class FhirPathFallbackTests
{
    private const string Patient = """
        {"resourceType":"Patient","name":[{"use":"official","family":"Lee","given":["Ann","Bea"]},{"family":"Low"}],"birthDate":"1980-02-03",
         "maritalStatus":{"coding":[{"system":"urn:m","code":"M"}]}}
        """;

    [Theory]
    [InlineData("Patient.name.where(use = 'official' and given.exists()).family", "string Lee")]
    [InlineData("Patient.name.count() > 1", "boolean true")]
    [InlineData("Patient.name.first().family.upper()", "string LEE")]
    [InlineData("Patient.birthDate.where($this < @2000)", "date 1980-02-03")]
    [InlineData("Patient.maritalStatus.coding.skip(0)", "Coding ")]
    [InlineData("Patient.name.where(use = 'old')", "")]
    public void Gives_nodes_like_those_of_the_compiled_plan(string expression, string expected)
    {
        var values = new FhirPathFallback(expression).Values(SearchSamples.Read(Patient));

        Assert.Equal(expected, string.Join("; ", values.Select(v => $"{v.Type.Name} {v.Text}")));
    }
}
