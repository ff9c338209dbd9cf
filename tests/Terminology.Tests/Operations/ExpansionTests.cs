using System.Text;
using FhirEmr.Terminology.Import;
using FhirEmr.Terminology.Operations;
using FhirEmr.Terminology.Tests.ValueSets;

namespace FhirEmr.Terminology.Tests.Operations;

public sealed class ExpansionTests
{
    private static readonly DateOnly Day = new(2026, 1, 15);

    private static readonly ResourceShelf Shelf = ResourceShelf.Colours()
        .ValueSet("all", """{"include":[{"system":"urn:colours"}]}""")
        .ValueSet("some", """{"include":[{"system":"urn:colours","concept":[{"code":"blue","display":"Azure"},{"code":"red"}]},{"system":"urn:other","concept":[{"code":"x","display":"Something else"}]}]}""")
        .ValueSet("snomed", """{"include":[{"system":"http://snomed.info/sct"}]}""")
        .ValueSet("circle", """{"include":[{"valueSet":["urn:vs:circle"]}]}""");

    private static readonly TerminologyService Service = new(null, TimeProvider.System, Shelf);

    [Fact]
    public void Codes_come_in_the_order_they_are_defined_with_their_flags()
    {
        var expansion = Expand("all", new(Day));

        Assert.Equal("warm red crimson scarlet orange cold blue grey", Codes(expansion));
        Assert.Equal(8, expansion.Total);
        Assert.Equal(["warm"], expansion.Contains.Where(c => c.IsAbstract).Select(c => c.Code));
        Assert.Equal(["grey"], expansion.Contains.Where(c => c.IsInactive).Select(c => c.Code));
        Assert.Equal(["Free for all."], expansion.Copyrights);
        Assert.Equal(["urn:colours|2"], expansion.Systems);
    }

    [Fact]
    public void A_list_keeps_its_own_order_and_words() =>
        Assert.Equal(["Azure", "Red", "Something else"], Expand("some", new(Day)).Contains.Select(c => c.Display!));

    [Fact]
    public void Pages_say_the_total_of_the_whole()
    {
        var page = Expand("all", new(Day) { Offset = 2, Count = 3 });

        Assert.Equal(("crimson scarlet orange", 8), (Codes(page), page.Total));
        Assert.Equal(("", 8), (Codes(Expand("all", new(Day) { Count = 0 })), Expand("all", new(Day) { Count = 0 }).Total));
    }

    [Fact]
    public void Inactive_and_abstract_ones_are_left_out_when_asked()
    {
        Assert.DoesNotContain("grey", Codes(Expand("all", new(Day) { ActiveOnly = true })), StringComparison.Ordinal);
        Assert.DoesNotContain("warm", Codes(Expand("all", new(Day) { ExcludeNotForUi = true })), StringComparison.Ordinal);
    }

    [Fact]
    public void Nested_they_stand_below_each_other()
    {
        var roots = Expand("all", new(Day) { Nested = true }).Contains;

        Assert.Equal(["warm", "cold"], roots.Select(c => c.Code));
        Assert.Equal(["red", "orange", "grey"], roots[0].Contains.Select(c => c.Code));
        Assert.Equal(["crimson", "scarlet"], roots[0].Contains[0].Contains.Select(c => c.Code));
    }

    [Fact]
    public void Displays_come_in_the_language_asked_for_where_there_is_one()
    {
        var expansion = Expand("all", new(Day) { DisplayLanguage = "de", IncludeDesignations = true });

        Assert.Equal("Rot", expansion.Contains.Single(c => c.Code == "red").Display);
        Assert.Equal("Blue", expansion.Contains.Single(c => c.Code == "blue").Display);
        Assert.Equal("Rot", expansion.Contains.Single(c => c.Code == "red").Designations.Single().Value);
        Assert.Empty(Expand("all", new(Day) { IncludeDesignations = true, Designations = ["fr"] }).Contains.SelectMany(c => c.Designations));
    }

    [Theory]
    [InlineData("all", "crimsn", "crimson")] // a letter missing
    [InlineData("all", "rot", "red")] // by its German name
    [InlineData("all", "colours", "cold warm")] // those that can be chosen first
    [InlineData("some", "azure", "blue")]
    [InlineData("some", "somthing", "x")]
    public void A_filter_is_the_search_with_typos_within_the_value_set(string set, string filter, string expected) =>
        Assert.Equal(expected, Codes(Expand(set, new(Day) { Filter = filter })));

    [Fact]
    public void A_value_set_may_come_with_the_question()
    {
        var (expansion, _) = Service.ValueSetOperations.Expand(Encoding.UTF8.GetBytes(
            """{"resourceType":"ValueSet","status":"draft","compose":{"include":[{"valueSet":["urn:vs:all"],"system":"urn:colours","filter":[{"property":"concept","op":"is-a","value":"red"}]}]}}"""), new(Day));

        Assert.Equal("red crimson scarlet", Codes(expansion!));
    }

    [Theory]
    [InlineData("urn:vs:nowhere", "not-found", "not known here")]
    [InlineData("urn:vs:snomed", "not-supported", "SNOMED CT is not loaded")]
    [InlineData("urn:vs:circle", "too-costly", "circle: urn:vs:circle → urn:vs:circle")]
    [InlineData("urn:ietf:bcp:13?fhir_vs", "not-supported", "cannot be listed")]
    [InlineData("urn:colours?fhir_vs=ecl/x", "not-supported", "=isa/[code]")]
    public void What_cannot_be_expanded_is_refused_with_the_reason(string url, string code, string text)
    {
        var (expansion, refusal) = Service.ValueSetOperations.Expand(url, new(Day));

        Assert.Null(expansion);
        Assert.Equal(code, refusal!.Code);
        Assert.Contains(text, refusal.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_codes_are_refused_with_their_number_and_paged_when_asked()
    {
        using var releases = new Releases();
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-codes-2026.txt", string.Concat(Enumerable.Range(0, 10_001).Select(i => $"A{i % 100:00}{i / 100:000}  Title {i}\n")));
        const string All = CodeSystemUrls.Icd10Cm + "?fhir_vs";

        Assert.Contains("10001 codes", releases.Service.ValueSetOperations.Expand(All, new(Day)).Refusal!.Text, StringComparison.Ordinal);
        var page = releases.Service.ValueSetOperations.Expand(All, new(Day) { Offset = 10_000, Count = 50 }).Expansion!;
        Assert.Equal((10_001, 1), (page.Total, page.Contains.Count));
        Assert.Equal(["http://hl7.org/fhir/sid/icd-10-cm|2026"], page.Systems);
    }

    [Fact]
    public void A_version_may_be_asked_for()
    {
        using var releases = new Releases();
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-codes-2025.txt", "A000    Old\n");
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-codes-2026.txt", "A001    New\n");
        var request = new ExpansionRequest(Day);
        const string All = CodeSystemUrls.Icd10Cm + "?fhir_vs";

        Assert.Equal("A00.1", Codes(releases.Service.ValueSetOperations.Expand(All, request).Expansion!));
        Assert.Equal("A00.0", Codes(releases.Service.ValueSetOperations.Expand(All, request with { On = new(2025, 1, 1) }).Expansion!));
        Assert.Equal("A00.0", Codes(releases.Service.ValueSetOperations.Expand(All, request with { SystemVersions = new Dictionary<string, string> { [CodeSystemUrls.Icd10Cm] = "2025" } }).Expansion!));
    }

    private static Expansion Expand(string set, ExpansionRequest request)
    {
        var (expansion, refusal) = Service.ValueSetOperations.Expand($"urn:vs:{set}", request);
        Assert.True(expansion is not null, refusal?.Text);
        return expansion!;
    }

    private static string Codes(Expansion expansion) => string.Join(' ', expansion.Contains.Select(c => c.Code));
}
