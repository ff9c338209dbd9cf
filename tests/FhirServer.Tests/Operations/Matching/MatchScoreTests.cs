using System.Text;
using FhirEmr.FhirServer.Operations.Matching;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Tests.Operations.Matching;

/// <summary>Typical duplicates, and typical strangers, with the grade a registrar would give them.</summary>
public sealed class MatchScoreTests
{
    private const string Ann = """
        "name":[{"family":"Kowalski","given":["Annabel","Marie"]}],"birthDate":"1984-03-12","gender":"female",
        "telecom":[{"system":"phone","value":"(617) 555-0143"},{"system":"email","value":"ann@example.org"}],
        "address":[{"line":["12 Elm Street"],"city":"Boston","postalCode":"02118-1234"}],
        "identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"219-09-9999"},{"system":"urn:clinic","type":{"coding":[{"code":"MR"}]},"value":"M-100"}]
        """;

    [Theory]
    [InlineData("certain", """ "identifier":[{"system":"urn:clinic","value":"M-100"}] """)]
    [InlineData("certain", """ "identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"219099999"}],"name":[{"family":"Kowalsky"}] """)]
    [InlineData("certain", """ "name":[{"family":"KOWALSKI","given":["annabel"]}],"birthDate":"1984-03-12","telecom":[{"system":"phone","value":"+1 617-555-0143"}] """)]
    [InlineData("certain", """ "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-03-12","gender":"female","address":[{"line":["12 Elm St."],"postalCode":"02118"}] """)]
    [InlineData("probable", """ "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-03-12","gender":"female" """)]
    [InlineData("probable", """ "name":[{"family":"Kowalksi","given":["Annabel"]}],"birthDate":"1984-03-12","gender":"female" """)]
    [InlineData("probable", """ "name":[{"family":"Annabel","given":["Kowalski"]}],"birthDate":"1984-03-12" """)]
    [InlineData("probable", """ "name":[{"family":"Kowalski-Brown","given":["Annabel"]}],"birthDate":"1984-03-12","gender":"female" """)]
    [InlineData("probable", """ "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-12-03","gender":"female" """)]
    [InlineData("probable", """ "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-03-21","gender":"female" """)]
    [InlineData("probable", """ "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-03-13","gender":"female" """)]
    [InlineData("probable", """ "name":[{"family":"Kowalski","given":["Ann"]}],"birthDate":"1984-03-12" """)]
    [InlineData("possible", """ "name":[{"family":"Brown","given":["Annabel"]}],"birthDate":"1984-03-12","gender":"female" """)]
    [InlineData("possible", """ "name":[{"family":"Kowalski","given":["Robert"]}],"birthDate":"1984-03-12","gender":"female","address":[{"line":["12 Elm Street"],"postalCode":"02118"}] """)]
    [InlineData("possible", """ "name":[{"family":"Kowalski","given":["Annabel"]}] """)]
    [InlineData("possible", """ "identifier":[{"system":"urn:clinic","value":"M-100"}],"name":[{"family":"Nguyen","given":["Bao"]}],"birthDate":"1950-01-01","gender":"male" """)]
    [InlineData("certainly-not", """ "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1951-07-30","gender":"female" """)]
    [InlineData("certainly-not", """ "name":[{"family":"Nguyen","given":["Bao"]}],"birthDate":"1984-03-12","gender":"male" """)]
    [InlineData("certainly-not", """ "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-03-12","identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"455-12-3456"}],"gender":"male" """)]
    public void Duplicates_and_strangers_get_the_grade_expected(string grade, string asked)
    {
        var score = Score(asked, Ann);

        Assert.True(grade == score.Grade, $"{score.Grade} {score.Value}: {string.Join("; ", score.Fields.Select(f => f.Text))}");
        Assert.InRange(score.Value, 0, 1);
    }

    [Fact]
    public void Every_field_compared_says_what_it_found_and_what_it_weighs()
    {
        var score = Score(""" "name":[{"family":"Kowalski","given":["Annabel"]}],"birthDate":"1984-12-03","gender":"male" """, Ann);

        Assert.Equal(["family", "given", "birthDate", "gender"], score.Fields.Select(f => f.Field));
        Assert.Contains("exchange of day and month (+5.0)", score.Fields[2].Text, StringComparison.Ordinal);
        Assert.Contains("Gender differs: male and female (-4.0)", score.Fields[3].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Agreement_never_lowers_a_score()
    {
        var parts = new[]
        {
            """ "name":[{"family":"Kowalski"}] """, """ "name":[{"family":"Kowalski","given":["Annabel"]}] """, "\"birthDate\":\"1984-03-12\"", "\"gender\":\"female\"",
            """ "telecom":[{"system":"email","value":"ANN@example.org"}] """, """ "identifier":[{"system":"urn:clinic","value":"m100"}] """,
        };
        var values = Enumerable.Range(1, parts.Length - 1).Select(n => Score(string.Join(',', parts[1..(n + 1)]), Ann).Value).Prepend(Score(parts[0], Ann).Value).ToArray();

        Assert.Equal(values.Order(), values);
    }

    [Theory]
    [InlineData("martha", "marhta", 0.961)]
    [InlineData("dixon", "dicksonx", 0.813)]
    [InlineData("jones", "johnson", 0.832)]
    [InlineData("same", "same", 1)]
    [InlineData("abc", "xyz", 0)]
    public void Likeness_is_as_Winkler_printed_it(string a, string b, double expected)
    {
        Assert.Equal(expected, Similarity.Of(a, b), 3);
        Assert.Equal(Similarity.Of(a, b), Similarity.Of(b, a), 9);
    }

    private static MatchScore Score(string asked, string candidate) => MatchScore.Of(Traits(asked), Traits(candidate));

    private static PatientTraits Traits(string elements)
    {
        var tree = FhirJsonReader.Read(Encoding.UTF8.GetBytes($$"""{"resourceType":"Patient",{{elements}}}"""), out var issues);
        Assert.Empty(issues);
        return PatientTraits.Of(tree!.Root);
    }
}
