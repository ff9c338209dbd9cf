using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.Import;
using FhirEmr.Terminology.Tests.ValueSets;

namespace FhirEmr.Terminology.Tests.Operations;

public sealed class CodeSystemOperationsTests : IDisposable
{
    private const string Icd = CodeSystemUrls.Icd10Cm;
    private static readonly DateOnly Day = new(2026, 1, 15);
    private readonly Releases releases = new();
    private readonly TerminologyService service;

    public CodeSystemOperationsTests()
    {
        service = releases.Open(ResourceShelf.Colours());
        service.Import(ReleaseKind.Icd10Cm, releases.File("icd10cm-order-2025.txt",
            Releases.Order(1, "M54", false, "Back pain") + Releases.Order(2, "M545", true, "Low back pain") + Releases.Order(3, "M546", true, "Pain in thoracic spine")), new() { Notice = "Public domain." }, default);
        service.Import(ReleaseKind.Icd10Cm, releases.File("icd10cm-order-2026.txt",
            Releases.Order(1, "M54", false, "Back pain") + Releases.Order(2, "M545", false, "Low back pain") + Releases.Order(3, "M5450", true, "Low back pain, unspecified")), null, default);
    }

    public void Dispose() => releases.Dispose();

    [Fact]
    public void Lookup_tells_all_that_is_known()
    {
        var (found, _) = service.CodeSystems.Lookup("urn:colours", null, "red", Day);

        Assert.Equal(("Red", "2", "Free for all."), (found!.Display, found.Version, found.Copyright));
        Assert.Equal(["warm"], found.Parents.Select(p => p.Code));
        Assert.Equal(["crimson", "scarlet"], found.Children.Select(c => c.Code));
        Assert.Equal([new ConceptProperty("hex", "string", "f00")], found.Properties);
        Assert.Equal("Rot", found.Designations.Single().Value);
    }

    [Fact]
    public void Lookup_in_an_edition_shows_its_notice()
    {
        var (found, _) = service.CodeSystems.Lookup(Icd, null, "m545", new(2025, 1, 15));

        Assert.Equal(("M54.5", "Low back pain", "2025", "Public domain."), (found!.Code, found.Display, found.Version, found.Copyright));
        Assert.Contains(new ConceptProperty("billable", "boolean", "true"), found.Properties);
    }

    [Theory]
    [InlineData("M54.6", "2025-01-15", true, null)]
    [InlineData("M54.6", "2025-11-03", false, "M54.6 is not valid on 2025-11-03; it was valid until 2025-09-30. See M54.5.")]
    [InlineData("M54.50", "2025-01-15", false, "M54.50 is not valid on 2025-01-15; it is valid from 2025-10-01 on.")]
    [InlineData("M54.5", "2025-11-03", true, "M54.5 groups more specific codes and cannot be billed itself; choose one such as M54.50.")]
    [InlineData("M99.9", "2025-11-03", false, "M99.9 is not a code of ICD-10-CM on 2025-11-03, nor in any edition loaded here.")]
    public void Validity_is_judged_by_the_edition_of_the_day(string code, string day, bool expected, string? message)
    {
        var verdict = service.CodeSystems.Validate(Icd, null, code, null, DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal((expected, message), (verdict.Result, verdict.Message));
    }

    [Fact]
    public void Outside_of_every_edition_the_nearest_answers_with_a_warning()
    {
        var late = service.CodeSystems.Validate(Icd, null, "M54.50", null, new(2030, 1, 1));

        Assert.True(late.Result);
        Assert.Contains("covers 2030-01-01; the nearest one answers: icd10cm-2026", late.Message, StringComparison.Ordinal);
        Assert.Null(service.CodeSystems.Validate(Icd, null, "M54.6", null, new(2030, 1, 1)).Result);
        Assert.Contains("icd10cm-2026", service.CodeSystems.Lookup(Icd, null, "M54.50", new(2030, 1, 1)).Answer!.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_that_is_not_loaded_is_named_with_those_that_are()
    {
        var (found, refusal) = service.CodeSystems.Lookup(Icd, "1999", "M54.5", Day);

        Assert.Null(found);
        Assert.Contains("Version 1999", refusal!.Text, StringComparison.Ordinal);
        Assert.Contains("2025, 2026", refusal.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("red", "Red", true)]
    [InlineData("red", "  RED ", true)]
    [InlineData("red", "Rot", true)]
    [InlineData("red", "Blue", false)]
    public void A_display_is_checked_against_every_name(string code, string display, bool expected) =>
        Assert.Equal(expected, service.CodeSystems.Validate("urn:colours", null, code, display, Day).Result);

    [Fact]
    public void Wrong_case_is_pointed_out() =>
        Assert.Contains("did you mean 'red'", service.CodeSystems.Validate("urn:colours", null, "RED", null, Day).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("urn:colours", "red", "red", "equivalent")]
    [InlineData("urn:colours", "warm", "crimson", "subsumes")]
    [InlineData("urn:colours", "grey", "cold", "subsumed-by")]
    [InlineData("urn:colours", "red", "blue", "not-subsumed")]
    [InlineData(Icd, "M54", "M54.50", "subsumes")]
    [InlineData(Icd, "M5450", "M54.5", "subsumed-by")]
    public void Subsumption_follows_the_hierarchy(string system, string a, string b, string expected) =>
        Assert.Equal(expected, service.CodeSystems.Subsumes(system, null, a, b, Day).Outcome);

    [Fact]
    public void Codes_are_found_by_their_properties()
    {
        ConceptProperty[] wanted = [new("parent", "code", "cold"), new("hex", "string", "00f")];

        Assert.Equal(["blue"], service.CodeSystems.FindMatches("urn:colours", null, wanted, exact: true, Day).Matches!.Select(m => m.Code));
        var partial = service.CodeSystems.FindMatches("urn:colours", null, wanted, exact: false, Day).Matches!;
        Assert.Equal(["blue", "grey"], partial.Select(m => m.Code));
        Assert.Equal("hex", partial[1].Unmatched.Single().Code);
    }

    [Fact]
    public void A_value_set_verdict_says_why()
    {
        var shelf = ResourceShelf.Colours().ValueSet("reds", """{"include":[{"system":"urn:colours","filter":[{"property":"concept","op":"is-a","value":"red"}]}]}""");
        var sets = new TerminologyService(null, TimeProvider.System, shelf).ValueSetOperations;

        Assert.Equal((true, "Crimson"), (Verdict("crimson").Result, Verdict("crimson").Display));
        Assert.Contains("is not in the value set", Verdict("blue").Message, StringComparison.Ordinal);
        Assert.Contains("'mauve' is not a code of", Verdict("mauve").Message, StringComparison.Ordinal);
        Assert.True(sets.Validate("urn:vs:reds", default, [new("urn:colours", null, "blue", null), new("urn:colours", null, "red", null)], Day).Verdict!.Result);
        Assert.Equal("not-found", sets.Validate("urn:vs:none", default, [new("urn:colours", null, "blue", null)], Day).Refusal!.Code);

        Terminology.Operations.CodeVerdict Verdict(string code) => sets.Validate("urn:vs:reds", default, [new("urn:colours", null, code, null)], Day).Verdict!;
    }
}
