using System.Collections.Frozen;
using System.Text;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Security.Access;
using SearchParamType = Hl7.Fhir.Model.SearchParamType;

namespace FhirEmr.FhirServer.Tests.Security.Access;

[Trait("Requirement", "S-25")]

public sealed class MaskingTests
{
    private const string Tag = """{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}""";

    [Fact]
    public void Leaves_out_every_form_of_an_element_and_the_narrative() => Assert.Equal(
        $$$"""{"resourceType":"Observation","id":"o","meta":{"versionId":"1","tag":[{{{Tag}}}]},"status":"final"}""",
        Shown("""{"resourceType":"Observation","id":"o","meta":{"versionId":"1"},"text":{"div":"<div/>"},"status":"final","valueString":"x","_valueString":{"id":"y"}}""", "Observation", "value"));

    [Fact]
    public void Adds_the_tag_once_and_beside_those_that_are_there()
    {
        var once = Shown("""{"resourceType":"Patient","meta":{"tag":[{"code":"a"}],"source":"s"},"gender":"male"}""", "Patient", "gender");
        Assert.Equal($$$"""{"resourceType":"Patient","meta":{"tag":[{"code":"a"},{{{Tag}}}],"source":"s"}}""", once);
        Assert.Equal(once, Shown(once, "Patient", "gender"));
    }

    [Fact]
    public void Tags_although_there_was_nothing_to_leave_out() =>
        Assert.Contains("SUBSETTED", Shown("""{"resourceType":"Patient","meta":{"versionId":"1"}}""", "Patient", "gender"), StringComparison.Ordinal);

    [Fact]
    public void Contained_resources_lose_what_their_own_type_does() => Assert.Equal(
        """{"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"p"},{"resourceType":"Device","id":"d"}],"status":"final"}""",
        Shown("""{"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"p","gender":"male"},{"resourceType":"Device","id":"d"}],"status":"final"}""", "Patient", "gender"));

    [Fact]
    public void What_has_no_masks_is_the_very_same_bytes()
    {
        var json = Encoding.UTF8.GetBytes("""{"resourceType":"Observation","contained":[{"resourceType":"Device"}]}""").AsMemory();
        Assert.Equal(json, (ReadOnlyMemory<byte>)Plan("Patient", "gender").Shown("Observation", json, Interaction.Read));
    }

    [Theory]
    [InlineData("Patient.telecom.where(system='phone')", "telecom", true)]
    [InlineData("Patient.telecom.where(system='phone') | Person.telecom", "gender", false)]
    [InlineData("Person.telecom | Patient.gender", "gender", true)]
    [InlineData("Person.gender", "gender", true)]
    [InlineData("(Patient.deceased as dateTime)", "deceased", true)]
    [InlineData("Patient.deceased.exists() and Patient.deceased != false", "deceased", true)]
    [InlineData("Resource", "gender", true)]
    [InlineData("Resource.meta.tag", "gender", false)]
    [InlineData("gender", "gender", true)]
    [InlineData("Patient.name.select(family)", "gender", true)]
    public void A_parameter_reads_what_its_expression_says_and_everything_when_that_cannot_be_told(string expression, string masked, bool touches) =>
        Assert.Equal(touches, WithheldParameters.Touches(new SearchParam(1, "Patient", "p", SearchParamType.Token, expression, [], ""), Plan("Patient", masked)));

    [Fact]
    public void A_wildcard_follows_what_reads_nothing_withheld()
    {
        var open = WithheldParameters.OpenReferences("Observation", Plan("Observation", "performer"));
        Assert.Contains("subject", open);
        Assert.DoesNotContain("performer", open);
    }

    private static string Shown(string json, string type, string masked) => Encoding.UTF8.GetString(
        Plan(type, masked).Shown(null, Encoding.UTF8.GetBytes(json), Interaction.Read).Span);

    private static AccessPlan Plan(string type, string masked) => new("p", new Dictionary<string, TypeAccess>
    {
        [type] = new([new Grant(Interaction.All) { Masked = FrozenSet.Create(masked) }]),
    }, []);
}
