using System.Text;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Tests.Operations.Matching;

/// <summary>When a number is somebody else's, whatever it leads to.</summary>
public sealed class PatientCandidatesTests
{
    private const string Ann = """ "name":[{"family":"Kowalski","given":["Ann"]}],"birthDate":"1984-03-12" """;

    [Theory]
    [InlineData(Ann, null)]
    [InlineData(""" "identifier":[{"system":"urn:clinic","value":"M-100"}] """, null)]
    [InlineData(""" "birthDate":"1984-03" """, null)]
    [InlineData(""" "birthDate":"1984-03-13" """, "birth date")]
    [InlineData(""" "name":[{"family":"Kowalski","given":["Robert"]}] """, "given name")]
    [InlineData(""" "name":[{"family":"Kowalski","given":["Robert"]}],"birthDate":"1984-03-12" """, "given name")]
    [InlineData(""" "name":[{"family":"Brown","given":["Ann"]}],"birthDate":"1984-03-12" """, null)] // married
    [InlineData(""" "name":[{"family":"Brown","given":["Ann"]}] """, "family name")]
    [InlineData(""" "name":[{"family":"Brown"}] """, "family name")]
    public void Birth_date_and_names_speak_against_a_number(string asked, string? why)
    {
        var said = PatientCandidates.Contradiction(Traits(asked), Traits(Ann));

        if (why is null)
            Assert.Null(said);
        else
            Assert.Contains(why, said, StringComparison.Ordinal);
    }

    private static PatientTraits Traits(string elements) => PatientTraits.Of(FhirJsonReader.Read(Encoding.UTF8.GetBytes($$"""{"resourceType":"Patient",{{elements}}}"""), out _)!.Root);
}
