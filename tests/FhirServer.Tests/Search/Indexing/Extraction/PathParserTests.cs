using FhirEmr.FhirServer.Search.Indexing.Extraction;

namespace FhirEmr.FhirServer.Tests.Search.Indexing.Extraction;

public class PathParserTests
{
    [Theory]
    [InlineData("Patient.name.given", "Patient/name/given")]
    [InlineData("name | alias", "/name; /alias")]
    [InlineData("(Observation.value as Quantity) | Observation.x.ofType(Range)", "Observation/value/as Quantity; Observation/x/as Range")]
    [InlineData("(Observation.value as CodeableConcept).text", "Observation/value/as CodeableConcept/text")]
    [InlineData("(Patient.a | Patient.b).c", "Patient/a/c; Patient/b/c")]
    [InlineData("Patient.telecom.where(system='phone')", "Patient/telecom/where system=phone")]
    [InlineData("X.subject.where(resolve() is Patient)", "X/subject/resolves Patient")]
    [InlineData("Claim.extension('urn:x').value", "Claim/extension/where url=urn:x/value")]
    [InlineData("Bundle.entry[0].resource", "Bundle/entry/first/resource")]
    public void Reads_the_subset(string expression, string branches) =>
        Assert.Equal(branches, string.Join("; ", PathParser.Parse(expression)!.Select(Shown)));

    [Theory]
    [InlineData("Patient.name.count() > 1")]
    [InlineData("Patient.name.where(use = 'official' and period.exists())")]
    [InlineData("Patient.name[1]")]
    [InlineData("Patient.name.given.upper()")]
    [InlineData("Patient.name.")]
    [InlineData("(Patient.name")]
    [InlineData("Patient.name |")]
    [InlineData("iif(true, 1, 2)")]
    [InlineData("")]
    public void Leaves_the_rest_to_FHIRPath(string expression) => Assert.Null(PathParser.Parse(expression));

    private static string Shown(PathBranch branch) => branch.Root + string.Concat(branch.Steps.Select(s => "/" + s switch
    {
        PathStep.Child child => child.Name,
        PathStep.OfType type => $"as {type.Name}",
        PathStep.Where where => $"where {where.Name}={where.Text}",
        PathStep.WhereResolves resolves => $"resolves {resolves.Type}",
        _ => "first",
    }));
}
