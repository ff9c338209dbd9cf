using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Tests.ValueSets;

public sealed class MembershipTests
{
    private static readonly DateOnly Day = new(2026, 1, 15);
    private static readonly string[] Colours = ["warm", "red", "crimson", "scarlet", "orange", "cold", "blue", "grey"];

    [Theory]
    [InlineData("""{"include":[{"system":"urn:colours"}]}""", "warm red crimson scarlet orange cold blue grey")]
    [InlineData("""{"include":[{"system":"urn:colours","concept":[{"code":"red"},{"code":"blue"}]}]}""", "red blue")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"concept","op":"is-a","value":"red"}]}]}""", "red crimson scarlet")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"concept","op":"descendent-of","value":"red"}]}]}""", "crimson scarlet")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"concept","op":"is-not-a","value":"warm"}]}]}""", "cold blue")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"concept","op":"generalizes","value":"grey"}]}]}""", "warm cold grey")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"code","op":"in","value":"red, blue"}]}]}""", "red blue")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"code","op":"not-in","value":"red,blue,grey,warm,cold"}]}]}""", "crimson scarlet orange")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"hex","op":"=","value":"fa0"}]}]}""", "orange")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"hex","op":"exists","value":"true"}]}]}""", "red orange blue")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"hex","op":"exists","value":"false"},{"property":"concept","op":"is-a","value":"red"}]}]}""", "crimson scarlet")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"code","op":"regex","value":".*r.n.*"}]}]}""", "orange")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"code","op":"regex","value":"r"}]}]}""", "")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"parent","op":"=","value":"cold"}]}]}""", "blue grey")]
    [InlineData("""{"inactive":false,"include":[{"system":"urn:colours","filter":[{"property":"concept","op":"is-a","value":"cold"}]}]}""", "cold blue")]
    [InlineData("""{"include":[{"system":"urn:colours"}],"exclude":[{"system":"urn:colours","filter":[{"property":"concept","op":"is-a","value":"warm"}]}]}""", "cold blue")]
    [InlineData("""{"include":[{"valueSet":["urn:vs:reds"]}]}""", "red crimson scarlet")]
    [InlineData("""{"include":[{"valueSet":["urn:vs:reds","urn:vs:some"]}]}""", "red")]
    [InlineData("""{"include":[{"system":"urn:colours","filter":[{"property":"code","op":"in","value":"crimson,blue"}],"valueSet":["urn:vs:reds"]}]}""", "crimson")]
    [InlineData("""{"include":[{"valueSet":["urn:vs:some"]},{"system":"urn:colours","concept":[{"code":"scarlet"}]}],"exclude":[{"valueSet":["urn:vs:reds"]}]}""", "blue")]
    public void A_compose_says_which_codes_are_in(string compose, string expected)
    {
        var shelf = ResourceShelf.Colours()
            .ValueSet("reds", """{"include":[{"system":"urn:colours","filter":[{"property":"concept","op":"is-a","value":"red"}]}]}""")
            .ValueSet("some", """{"include":[{"system":"urn:colours","concept":[{"code":"red"},{"code":"blue"}]}]}""")
            .ValueSet("asked", compose);
        var sets = On(shelf);

        Assert.Equal(expected, string.Join(' ', Colours.Where(c => sets.Check("urn:vs:asked", "urn:colours", c, null, Day).Membership == Membership.In)));
        Assert.All(Colours, c => Assert.NotEqual(Membership.Unknown, sets.Check("urn:vs:asked", null, c, null, Day).Membership));
        Assert.Equal(Membership.NotIn, sets.Check("urn:vs:asked", "urn:colours", "mauve", null, Day).Membership);
    }

    [Fact]
    public void An_element_of_type_code_is_looked_for_in_every_system_the_value_set_takes()
    {
        var sets = On(ResourceShelf.Colours().ValueSet("asked", """{"include":[{"system":"urn:other","concept":[{"code":"x"}]},{"system":"urn:colours","concept":[{"code":"red"}]}]}"""));

        Assert.Equal(new(Membership.In, "Red", "urn:colours", null, true), sets.Check("urn:vs:asked", null, "red", null, Day));
        Assert.Equal(Membership.NotIn, sets.Check("urn:vs:asked", null, "green", null, Day).Membership);
    }

    [Fact]
    public void Whether_a_value_set_takes_codes_of_a_system_at_all_is_told_apart()
    {
        var sets = On(ResourceShelf.Colours().ValueSet("asked", """{"include":[{"system":"urn:colours","concept":[{"code":"red"}]}]}"""));

        Assert.True(sets.Check("urn:vs:asked", "urn:colours", "blue", null, Day).TakesSystem);
        Assert.False(sets.Check("urn:vs:asked", "urn:shapes", "square", null, Day).TakesSystem);
    }

    [Fact]
    public void Content_that_is_not_here_leaves_its_codes_unknown_and_only_those()
    {
        var sets = On(ResourceShelf.Colours().ValueSet("asked", """
            {"include":[{"system":"http://snomed.info/sct","filter":[{"property":"concept","op":"is-a","value":"404684003"}]},{"system":"http://loinc.org","concept":[{"code":"1-8"}]},{"system":"urn:colours","concept":[{"code":"red"}]}]}
            """));

        Assert.Equal(Membership.Unknown, sets.Check("urn:vs:asked", "http://snomed.info/sct", "22298006", null, Day).Membership);
        Assert.Contains("SNOMED CT is not loaded", sets.Check("urn:vs:asked", "http://snomed.info/sct", "22298006", null, Day).Why, StringComparison.Ordinal);
        Assert.Equal(Membership.In, sets.Check("urn:vs:asked", "http://loinc.org", "1-8", null, Day).Membership);
        Assert.Equal(Membership.NotIn, sets.Check("urn:vs:asked", "http://loinc.org", "2-6", null, Day).Membership);
        Assert.Equal(Membership.NotIn, sets.Check("urn:vs:asked", "urn:colours", "blue", null, Day).Membership);
        Assert.Equal(Membership.Unknown, sets.Check("urn:vs:asked", null, "blue", null, Day).Membership);
    }

    [Fact]
    public void A_fragment_proves_what_it_has_and_not_what_it_lacks()
    {
        var sets = On(new ResourceShelf()
            .Put("""{"resourceType":"CodeSystem","url":"urn:part","status":"active","content":"fragment","concept":[{"code":"a"}]}""")
            .ValueSet("asked", """{"include":[{"system":"urn:part"}]}"""));

        Assert.Equal(Membership.In, sets.Check("urn:vs:asked", "urn:part", "a", null, Day).Membership);
        Assert.Equal(Membership.Unknown, sets.Check("urn:vs:asked", "urn:part", "b", null, Day).Membership);
    }

    [Fact]
    public void Case_counts_where_the_system_says_so()
    {
        var sets = On(ResourceShelf.Colours()
            .Put("""{"resourceType":"CodeSystem","url":"urn:loose","status":"active","content":"complete","caseSensitive":false,"concept":[{"code":"Yes"},{"code":"No"}]}""")
            .ValueSet("loose", """{"include":[{"system":"urn:loose"}]}""").ValueSet("listed", """{"include":[{"system":"urn:loose","concept":[{"code":"YES"}]}]}""")
            .ValueSet("strict", """{"include":[{"system":"urn:colours"}]}"""));

        Assert.Equal(Membership.In, sets.Check("urn:vs:loose", "urn:loose", "yes", null, Day).Membership);
        Assert.Equal(Membership.In, sets.Check("urn:vs:listed", "urn:loose", "yes", null, Day).Membership);
        Assert.Equal(Membership.NotIn, sets.Check("urn:vs:strict", "urn:colours", "Red", null, Day).Membership);
    }

    [Fact]
    public void Value_sets_in_a_circle_are_unknown_and_the_circle_is_named()
    {
        var shelf = new ResourceShelf();
        for (var i = 0; i < 40; i++) // everybody includes everybody
            shelf.ValueSet($"{i}", $$"""{"include":[{{string.Join(',', Enumerable.Range(0, 40).Select(j => $$"""{"valueSet":["urn:vs:{{j}}"]}"""))}}]}""");
        shelf.ValueSet("self", """{"include":[{"valueSet":["urn:vs:self"]},{"system":"urn:x","concept":[{"code":"a"}]}]}""");
        var sets = On(shelf);

        Assert.Contains("circle: urn:vs:0 → ", sets.Check("urn:vs:0", "urn:x", "a", null, Day).Why, StringComparison.Ordinal);
        Assert.Equal(Membership.In, sets.Check("urn:vs:self", "urn:x", "a", null, Day).Membership);
        Assert.Equal(Membership.Unknown, sets.Check("urn:vs:self", "urn:x", "b", null, Day).Membership);
    }

    [Fact]
    public void A_chain_of_value_sets_without_end_is_unknown()
    {
        var shelf = new ResourceShelf();
        for (var i = 0; i < 5000; i++)
            shelf.ValueSet($"{i}", $$"""{"include":[{"valueSet":["urn:vs:{{i + 1}}"]}]}""");

        Assert.Contains("deep", On(shelf).Check("urn:vs:0", "urn:x", "a", null, Day).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_import_leaves_what_is_listed_and_makes_the_rest_unknown()
    {
        var sets = On(ResourceShelf.Colours().ValueSet("asked", """{"include":[{"valueSet":["urn:vs:nowhere"]},{"system":"urn:colours","concept":[{"code":"red"}]}]}"""));

        Assert.Equal(Membership.In, sets.Check("urn:vs:asked", "urn:colours", "red", null, Day).Membership);
        var unknown = sets.Check("urn:vs:asked", "urn:colours", "blue", null, Day);
        Assert.Equal(Membership.Unknown, unknown.Membership);
        Assert.Contains("urn:vs:nowhere", unknown.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_expansion_of_the_resource_stands_in_for_a_compose_that_cannot_be_evaluated()
    {
        const string Expansion = """
            "expansion":{"timestamp":"2026-01-01","contains":[{"system":"http://snomed.info/sct","code":"1","display":"One","contains":[{"system":"http://snomed.info/sct","code":"2"}]}]}
            """;
        var sets = On(new ResourceShelf()
            .Put($$"""{"resourceType":"ValueSet","url":"urn:vs:both","status":"active","compose":{"include":[{"system":"http://snomed.info/sct","filter":[{"property":"concept","op":"is-a","value":"1"}]}]},{{Expansion}}}""")
            .Put($$"""{"resourceType":"ValueSet","url":"urn:vs:alone","status":"active",{{Expansion}}}""")
            .Put($$"""{"resourceType":"ValueSet","url":"urn:vs:page","status":"active",{{Expansion.Replace("\"timestamp\"", "\"total\":900,\"timestamp\"", StringComparison.Ordinal)}}}"""));

        Assert.All((string[])["urn:vs:both", "urn:vs:alone"], url =>
        {
            Assert.Equal(Membership.In, sets.Check(url, "http://snomed.info/sct", "2", null, Day).Membership);
            Assert.Equal(Membership.NotIn, sets.Check(url, "http://snomed.info/sct", "3", null, Day).Membership);
        });
        Assert.Equal(Membership.Unknown, sets.Check("urn:vs:page", "http://snomed.info/sct", "3", null, Day).Membership);
    }

    [Fact]
    public void A_changed_resource_is_seen_by_the_next_question()
    {
        var shelf = ResourceShelf.Colours().ValueSet("outer", """{"include":[{"valueSet":["urn:vs:inner"]}]}""");
        var sets = On(shelf);
        Assert.Equal(Membership.Unknown, sets.Check("urn:vs:outer", "urn:colours", "red", null, Day).Membership);

        shelf.ValueSet("inner", """{"include":[{"system":"urn:colours","concept":[{"code":"red"}]}]}""");
        Assert.Equal(Membership.In, sets.Check("urn:vs:outer", "urn:colours", "red", null, Day).Membership);

        shelf.ValueSet("inner", """{"include":[{"system":"urn:colours","concept":[{"code":"blue"}]}]}""");
        Assert.Equal(Membership.NotIn, sets.Check("urn:vs:outer", "urn:colours", "red", null, Day).Membership);
    }

    [Fact]
    public void Broken_resources_are_unknown_not_a_failure()
    {
        var shelf = new ResourceShelf()
            .Put("""{"resourceType":"ValueSet","url":"urn:vs:odd","compose":{"include":[{"system":"urn:c","filter":[{"property":"code","op":"regex","value":"(("}]},5,{"filter":7}]},"expansion":4}""")
            .Put("""{"resourceType":"CodeSystem","url":"urn:c","content":"complete","concept":[{"code":"a"},{"display":"no code"},"x"]}""");

        Assert.Equal(Membership.Unknown, On(shelf).Check("urn:vs:odd", "urn:c", "a", null, Day).Membership);
    }

    [Fact]
    public void A_pattern_that_takes_too_long_is_unknown()
    {
        var shelf = new ResourceShelf()
            .Put($$"""{"resourceType":"CodeSystem","url":"urn:c","content":"complete","concept":[{"code":"{{new string('a', 60)}}b"}]}""")
            .ValueSet("slow", """{"include":[{"system":"urn:c","filter":[{"property":"code","op":"regex","value":"(a|aa)+c"}]}]}""");

        Assert.Contains("takes too long", On(shelf).Check("urn:vs:slow", "urn:c", new string('a', 60) + "b", null, Day).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_threads_get_one_answer()
    {
        var sets = On(ResourceShelf.Colours().ValueSet("asked", """{"include":[{"system":"urn:colours","filter":[{"property":"concept","op":"is-a","value":"warm"}]}]}"""));

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(
            () => string.Join(' ', Colours.Where(c => sets.Check("urn:vs:asked", "urn:colours", c, null, Day).Membership == Membership.In)))));

        Assert.Single(answers.Distinct());
    }

    private static IValueSets On(ResourceShelf shelf) => new TerminologyService(null, TimeProvider.System, shelf).ValueSets;
}
