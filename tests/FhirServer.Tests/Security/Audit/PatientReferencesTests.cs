using System.Text;
using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Tests.Security.Audit;

public sealed class PatientReferencesTests
{
    [Theory]
    [InlineData("""{"subject":{"reference":"Patient/p1"}}""", "p1")]
    [InlineData("""{"subject" : { "reference" : "Patient/p1/_history/3" }}""", "p1")]
    [InlineData("""{"subject":{"reference":"https://ehr.example/fhir/Patient/p1"}}""", "p1")]
    [InlineData("""{"subject":{"reference":"Patient\/p1"}}""", "p1")]
    [InlineData("""{"entry":[{"fullUrl":"http://x/fhir/Patient/a"},{"fullUrl":"http://x/fhir/Patient/b"},{"fullUrl":"http://x/fhir/Patient/a"}]}""", "a b")]
    [InlineData("""{"performer":[{"reference":"Practitioner/p9"}],"participant":[{"actor":{"reference":"Patient/p2"}},{"actor":{"reference":"Patient/p3"}}]}""", "p2 p3")]
    public void Finds_every_patient_referred_to(string json, string expected) => Assert.Equal(expected, Found(json));

    [Theory]
    [InlineData("""{"resourceType":"Patient","id":"x","text":{"div":"<a href='Patient/p1'>"}}""")]
    [InlineData("""{"note":"see Patient/p1"}""")]
    [InlineData("""{"valueString":"\"reference\":\"Patient/p1\""}""")]
    [InlineData("""{"subject":{"reference":"InPatient/p1"}}""")]
    [InlineData("""{"subject":{"reference":"Patient?identifier=1"}}""")]
    [InlineData("""{"subject":{"reference":"Patient/p1 and more"}}""")]
    [InlineData("""{"subject":{"reference":"Patient/""")]
    public void Takes_nothing_else_for_one(string json) => Assert.Equal("", Found(json));

    [Fact]
    public void Names_a_thousand_and_counts_the_rest()
    {
        var patients = new PatientSet();
        for (var i = 0; i < 1500; i++)
            patients.Add($"p{i % 1200}".AsSpan());
        Assert.Equal(1000, patients.Listed.Count);
        Assert.Equal(200, patients.More);
    }

    private static string Found(string json)
    {
        var patients = new PatientSet();
        PatientReferences.Find(Encoding.UTF8.GetBytes(json), patients);
        return string.Join(' ', patients.Listed);
    }
}
