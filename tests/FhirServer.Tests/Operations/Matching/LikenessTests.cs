using System.Text;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Tests.Operations.Matching;

/// <summary>Into whose record something may be written without a person looking on.</summary>
public sealed class LikenessTests
{
    private const string Ann = """ "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-03-12","telecom":[{"system":"phone","value":"617-555-0143"}],"identifier":[{"system":"urn:clinic","value":"M-100"}] """;

    [Theory]
    [InlineData(Ann, false, "a", null)]
    [InlineData(Ann, true, null, "Somebody like")] // not all were compared
    [InlineData(""" "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-03-12","telecom":[{"system":"phone","value":"617-555-0143"}],"identifier":[{"system":"urn:clinic","value":"M-200"}] """, false, null, "another number of the same authority")]
    [InlineData(""" "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-03-12","telecom":[{"system":"phone","value":"617-555-0143"}],"identifier":[{"system":"urn:other","value":"M-200"}] """, false, "a", null)]
    [InlineData(""" "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-03-12","identifier":[{"system":"urn:clinic","value":"M-200"},{"system":"urn:clinic","value":"M-100"}] """, false, "a", null)] // as after a merge elsewhere
    [InlineData(""" "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-03-12" """, false, null, "Somebody like")]
    [InlineData(""" "name":[{"family":"Nguyen","given":["Bao"]}],"birthDate":"1950-01-01" """, false, null, null)]
    [InlineData(""" "name":[{"family":"Nguyen","given":["Bao"]}],"birthDate":"1950-01-01" """, true, null, Likeness.NotSure)]
    public void Only_certainty_names_somebody(string asked, bool isCut, string? certain, string? doubt)
    {
        var likeness = Likeness.Of(PatientTraits.Of(Read(asked).Root), [Stored("a", Ann)], isCut);

        Assert.Equal(certain, likeness.Certain?.Key.Id);
        if (doubt is null)
            Assert.Null(likeness.Doubt);
        else
            Assert.Contains(doubt, likeness.Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_who_are_certain_are_nobody() => Assert.Null(Likeness.Of(PatientTraits.Of(Read(Ann).Root), [Stored("a", Ann), Stored("b", Ann)], false).Certain);

    [Theory]
    [InlineData("family and given", """ "birthDate":"1984-03-12" """, false)]
    [InlineData("family and address-postalcode", """ "birthDate":"1984-03-12" """, false)]
    [InlineData("birthdate", """ "birthDate":"1984-03-12" """, true)]
    [InlineData("birthdate and family", """ "birthDate":"1984-03-12" """, true)]
    [InlineData("identifier", """ "birthDate":"1984-03-12" """, true)]
    [InlineData("family and given", """ "gender":"male" """, true)] // nothing else would find them
    public void Strangers_of_a_name_that_were_not_compared_tell_nothing(string cut, string asked, bool tells) => Assert.Equal(tells, CandidateSearch.Tells(cut, PatientTraits.Of(Read(asked).Root)));

    private static StoredResource Stored(string id, string elements) => new(1, new("Patient", id), 1, DateTimeOffset.UnixEpoch, false, "PUT", Json(elements));

    private static byte[] Json(string elements) => Encoding.UTF8.GetBytes($$"""{"resourceType":"Patient",{{elements}}}""");

    private static ResourceTree Read(string elements) => FhirJsonReader.Read(Json(elements), out _)!;
}
