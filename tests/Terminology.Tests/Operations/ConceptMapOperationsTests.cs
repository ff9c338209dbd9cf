using FhirEmr.Terminology.Operations;
using FhirEmr.Terminology.Tests.ValueSets;

namespace FhirEmr.Terminology.Tests.Operations;

public sealed class ConceptMapOperationsTests
{
    private static readonly DateOnly Day = new(2026, 1, 15);

    private static readonly ResourceShelf Shelf = ResourceShelf.Colours().Put("""
        {"resourceType":"ConceptMap","url":"urn:map:paints","status":"active","group":[{"source":"urn:colours","target":"urn:paints","element":[
          {"code":"red","target":[{"code":"P9","equivalence":"inexact"},{"code":"P1","display":"Paint 1","equivalence":"equivalent","product":[{"property":"urn:finish","system":"urn:f","value":"matt"}]}]},
          {"code":"blue","target":[{"code":"P2","equivalence":"narrower","dependsOn":[{"property":"urn:room","value":"kitchen"}]},{"code":"P3","equivalence":"wider","dependsOn":[{"property":"urn:room","value":"bath"}]}]},
          {"code":"orange","target":[{"equivalence":"unmatched","comment":"Not sold."}]}],
         "unmapped":{"mode":"fixed","code":"P0","display":"Mixed to order"}}]}
        """).Put("""
        {"resourceType":"ConceptMap","url":"urn:map:other","status":"active","group":[{"source":"urn:colours","target":"urn:paints","unmapped":{"mode":"other-map","url":"urn:map:paints"}}]}
        """);

    private static readonly ConceptMapOperations Maps = new TerminologyService(null, TimeProvider.System, Shelf).ConceptMaps;

    [Fact]
    public void The_closest_target_comes_first_with_what_it_gives_beside()
    {
        var answer = Translate("red");

        Assert.True(answer.Result);
        Assert.Equal(["P1", "P9"], answer.Matches.Select(m => m.Code));
        Assert.Equal(("urn:finish", "matt"), (answer.Matches[0].Products.Single().Property, answer.Matches[0].Products.Single().Value));
    }

    [Fact]
    public void A_target_that_depends_on_something_applies_only_when_that_is_known()
    {
        var unknown = Translate("blue");
        Assert.False(unknown.Result);
        Assert.Contains("urn:room", unknown.Message, StringComparison.Ordinal);

        var kitchen = Maps.Translate(new([new("urn:colours", null, "blue", null)]) { Map = "urn:map:paints", Dependencies = [new("urn:room", null, "kitchen", null)] }, Day).Answer!;
        Assert.Equal("P2", kitchen.Matches.Single().Code);
    }

    [Fact]
    public void Backwards_the_equivalence_turns_round()
    {
        var answer = Maps.Translate(new([new("urn:paints", null, "P2", null)]) { Map = "urn:map:paints", Reverse = true, Dependencies = [new("urn:room", null, "kitchen", null)] }, Day).Answer!;

        Assert.Equal(("blue", "Blue", "wider"), (answer.Matches.Single().Code, answer.Matches.Single().Display, answer.Matches.Single().Equivalence));
    }

    [Fact]
    public void What_is_said_to_have_no_counterpart_is_no_result()
    {
        var answer = Translate("orange");

        Assert.False(answer.Result);
        Assert.Equal(("unmatched", "Not sold."), (answer.Matches.Single().Equivalence, answer.Matches.Single().Comment));
    }

    [Fact]
    public void Codes_without_a_line_go_where_the_map_sends_them()
    {
        Assert.Equal("P0", Translate("crimson").Matches.Single().Code);
        Assert.Equal("P1", Maps.Translate(new([new("urn:colours", null, "red", null)]) { Map = "urn:map:other" }, Day).Answer!.Matches[0].Code);
    }

    [Fact]
    public void Our_own_maps_answer_when_none_is_named()
    {
        var answer = Maps.Translate(new([new(CodeSystemUrls.Snomed, null, "38341003", null)]) { TargetSystem = CodeSystemUrls.Icd10Cm }, Day).Answer!;

        Assert.True(answer.Result, answer.Message);
        Assert.Equal("I10", answer.Matches[0].Code);
        Assert.StartsWith(ConceptMapOperations.OwnMaps, answer.Matches[0].Source, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_nobody_knows_is_refused() =>
        Assert.Equal("not-found", Maps.Translate(new([new("urn:colours", null, "red", null)]) { Map = "urn:map:none" }, Day).Refusal!.Code);

    [Fact]
    public void A_closure_table_tells_each_relation_once()
    {
        using var releases = new Releases();
        var tables = releases.Open(Shelf).Closures;
        Assert.Equal("0", tables.Run("t", [], null, Day).Answer!.Version);
        Assert.Empty(Add("red").Relations);
        Assert.Equal([("crimson", "red")], Add("crimson", "crimson").Relations.Select(r => (r.Narrower, r.Wider)));
        Assert.Equal([("red", "warm"), ("crimson", "warm")], Add("warm").Relations.Select(r => (r.Narrower, r.Wider)));

        var again = releases.Open(Shelf).Closures.Run("t", [], "2", Day).Answer!;
        Assert.Equal(("3", 2), (again.Version, again.Relations.Count));
        Assert.Equal("not-found", tables.Run("other", [new("urn:colours", null, "red", null)], null, Day).Refusal!.Code);
        Assert.Equal("not-found", tables.Run("t", [new("urn:colours", null, "mauve", null)], null, Day).Refusal!.Code);

        ClosureAnswer Add(params string[] codes) => tables.Run("t", [.. codes.Select(c => new GivenCoding("urn:colours", null, c, null))], null, Day).Answer!;
    }

    private static TranslationAnswer Translate(string code) => Maps.Translate(new([new("urn:colours", null, code, null)]) { Map = "urn:map:paints" }, Day).Answer!;
}
