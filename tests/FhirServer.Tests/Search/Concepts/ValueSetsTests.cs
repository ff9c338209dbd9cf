using FhirEmr.FhirServer.Search.Concepts;
using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Tests.Search.Concepts;

public class ValueSetsTests
{
    private const string Colours = """
        {"resourceType":"CodeSystem","url":"urn:colour","status":"active","content":"complete","concept":[
         {"code":"warm","concept":[{"code":"amber","property":[{"code":"wave","valueCode":"long"}]},{"code":"orange"}]},
         {"code":"cold","property":[{"code":"child","valueCode":"blue"}]},{"code":"blue","property":[{"code":"wave","valueCode":"short"},{"code":"parent","valueCode":"calm"}]},{"code":"calm"}]}
        """;

    private readonly FakeDefinitions definitions = new();

    public ValueSetsTests() => definitions.Add(Colours);

    [Theory]
    [InlineData("""{"system":"urn:colour"}""", "urn:colour: all but ")]
    [InlineData("""{"system":"urn:colour","concept":[{"code":"amber"},{"code":"blue"}]}""", "urn:colour: amber blue")]
    [InlineData("""{"system":"urn:colour","filter":[{"property":"concept","op":"is-a","value":"warm"}]}""", "urn:colour: amber orange warm")]
    [InlineData("""{"system":"urn:colour","filter":[{"property":"concept","op":"descendent-of","value":"cold"}]}""", "urn:colour: blue")]
    [InlineData("""{"system":"urn:colour","filter":[{"property":"concept","op":"generalizes","value":"blue"}]}""", "urn:colour: blue calm cold")]
    [InlineData("""{"system":"urn:colour","filter":[{"property":"concept","op":"is-not-a","value":"warm"}]}""", "urn:colour: all but amber orange warm")]
    [InlineData("""{"system":"urn:colour","filter":[{"property":"wave","op":"=","value":"long"}]}""", "urn:colour: amber")]
    [InlineData("""{"system":"urn:colour","filter":[{"property":"wave","op":"exists","value":"true"}]}""", "urn:colour: amber blue")]
    [InlineData("""{"system":"urn:colour","filter":[{"property":"wave","op":"in","value":"long,middle"}]}""", "urn:colour: amber")]
    [InlineData("""{"system":"urn:colour","filter":[{"property":"code","op":"regex","value":"(c|b).*"}]}""", "urn:colour: blue calm cold")]
    [InlineData("""{"system":"urn:colour","filter":[{"property":"concept","op":"is-a","value":"warm"},{"property":"wave","op":"exists","value":"false"}]}""", "urn:colour: orange warm")]
    [InlineData("""{"system":"urn:other","filter":[{"property":"code","op":"in","value":"a, b"}]}""", "urn:other: a b")]
    [InlineData("""{"system":"http://hl7.org/fhir/sid/icd-10-cm","filter":[{"property":"concept","op":"is-a","value":"I10"}]}""", "http://hl7.org/fhir/sid/icd-10-cm: I10")]
    public async Task Include(string include, string expected)
    {
        Define("urn:vs", $$$"""{"include":[{{{include}}}]}""");

        Assert.Equal(expected, Shown(await ExpandAsync("urn:vs")));
    }

    [Fact]
    public async Task Excluded_codes_are_out_whatever_the_order()
    {
        Define("urn:vs", """{"exclude":[{"system":"urn:colour","concept":[{"code":"amber"}]}],"include":[{"system":"urn:colour","concept":[{"code":"amber"},{"code":"blue"}]}]}""");

        Assert.Equal("urn:colour: blue", Shown(await ExpandAsync("urn:vs")));
    }

    [Fact]
    public async Task A_system_beside_value_sets_is_what_they_all_have()
    {
        Define("urn:warm", """{"include":[{"system":"urn:colour","filter":[{"property":"concept","op":"is-a","value":"warm"}]}]}""");
        Define("urn:some", """{"include":[{"system":"urn:colour","concept":[{"code":"amber"},{"code":"blue"}]}]}""");
        Define("urn:vs", """{"include":[{"system":"urn:colour","valueSet":["urn:warm","urn:some"]}]}""");

        Assert.Equal("urn:colour: amber", Shown(await ExpandAsync("urn:vs")));
    }

    [Fact]
    public async Task The_expansion_speaks_where_the_compose_cannot_be_worked_out()
    {
        definitions.Add("""
            {"resourceType":"ValueSet","url":"urn:vs","status":"active","compose":{"include":[{"system":"http://snomed.info/sct","filter":[{"property":"constraint","op":"=","value":"<< 1"}]}]},
             "expansion":{"timestamp":"2024-01-01","contains":[{"system":"http://snomed.info/sct","code":"1","contains":[{"system":"http://snomed.info/sct","code":"2"}]},{"system":"urn:x","code":"y","abstract":true}]}}
            """);

        Assert.Equal("http://snomed.info/sct: 1 2", Shown(await ExpandAsync("urn:vs")));
    }

    [Theory]
    [InlineData("urn:nobody", "not-found", "is not known here")]
    [InlineData("urn:filtered", "not-supported", "no operator of a filter")]
    [InlineData("urn:unknown-system", "not-supported", "SNOMED CT is not loaded here")]
    [InlineData("urn:empty", "not-supported", "compose nor expansion")]
    [InlineData("urn:broken-pattern", "not-supported", "no regular expression")]
    [InlineData("urn:colour?fhir_vs=refset", "not-supported", "implicit value sets")]
    public async Task Says_why_it_cannot(string url, string code, string text)
    {
        Define("urn:filtered", """{"include":[{"system":"urn:colour","filter":[{"property":"wave","op":"nearly","value":"long"}]}]}""");
        Define("urn:unknown-system", """{"include":[{"system":"http://snomed.info/sct","filter":[{"property":"constraint","op":"=","value":"<< 1"}]}]}""");
        Define("urn:broken-pattern", """{"include":[{"system":"urn:colour","filter":[{"property":"code","op":"regex","value":"(("}]}]}""");
        definitions.Add("""{"resourceType":"ValueSet","url":"urn:empty","status":"active"}""");

        var unknown = Assert.IsType<ConceptAnswer.Unknown>(await ExpandAsync(url));
        Assert.Equal(code, unknown.Code);
        Assert.Contains(text, unknown.Text, StringComparison.Ordinal);
    }

    private void Define(string url, string compose)
    {
        var json = $$$"""{"resourceType":"ValueSet","url":"{{{url}}}","status":"active","compose":{{{compose}}}}""";
        if (compose.Contains("nearly", StringComparison.Ordinal))
            definitions.AddUnchecked(json);
        else
            definitions.Add(json);
    }

    private ValueTask<ConceptAnswer> ExpandAsync(string url) =>
        new ConceptLookup(new TerminologyService(null, TimeProvider.System), definitions, TimeProvider.System).InAsync(url, TestContext.Current.CancellationToken);

    private static string Shown(ConceptAnswer answer) => answer is ConceptAnswer.Found found
        ? string.Join("; ", found.Systems.OrderBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => $"{s.Key}: {(s.Value.AllBut ? "all but " : "")}{string.Join(' ', s.Value.Codes.Order(StringComparer.Ordinal))}"))
        : answer.ToString();
}
