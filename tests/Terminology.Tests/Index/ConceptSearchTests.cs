using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Tests.Index;

public sealed class ConceptSearchTests
{
    private static readonly DateOnly Day = new(2025, 1, 1);

    private static readonly ConceptTable Table = Releases.Table(
        new("A10", "Invented pain", "", false),
        new("A100", "Pain of the elbow", "", true),
        new("A101", "Pain of the elbow, chronic, after injury", "", true),
        new("A102", "Chronic elbow disorder with pain", "", true),
        new("B20", "Pneumonia", "", true),
        new("B21", "Pneumonic plague", "", true),
        new("B22", "Hypertension", "", true),
        new("C30", "Elbow", "", false),
        new("C300", "Elbow", "", true),
        new("D40", "Old elbow words", "", true, null, new DateOnly(2020, 12, 31)));

    [Fact]
    public void The_exact_code_is_first_and_billable_codes_below_it_follow() =>
        Assert.Equal(["A10", "A100", "A101", "A102"], Search("a10"));

    [Fact]
    public void Of_codes_it_begins_billable_ones_come_before_headers() =>
        Assert.Equal(["C300", "C30"], Search("C3"));

    [Fact]
    public void All_words_must_match_by_prefix_in_any_order() =>
        Assert.Equal(["A101", "A102"], Search("elb chron").Order());

    [Fact]
    public void A_title_that_starts_with_the_word_and_says_little_else_ranks_higher() =>
        Assert.Equal(["A100", "A101", "A102"], Search("pain elbow"));

    [Fact]
    public void Billable_ranks_before_its_header_of_the_same_title() =>
        Assert.Equal(["C300", "C30"], Search("elbow").Take(2));

    [Fact]
    public void When_no_title_has_all_words_the_best_partial_ones_answer() =>
        Assert.Equal(["B20"], Search("pneumonia xylophone"));

    [Fact]
    public void A_misspelling_finds_the_nearest_word_only() =>
        Assert.Equal(["B20"], Search("pnuemonia"));

    [Fact]
    public void An_abbreviation_is_written_out() => Assert.Equal(["B22"], Search("HTN"));

    [Fact]
    public void Codes_that_are_not_valid_on_the_day_are_not_found() => Assert.DoesNotContain("D40", Search("old elbow words"));

    [Fact]
    public void Everyday_codes_come_before_their_neighbours() =>
        Assert.Equal("A101", Run("pain elbow", everyday: "A101")[0]);

    [Theory]
    [InlineData("")]
    [InlineData("  ,;")]
    [InlineData("zzzzzz")]
    [InlineData("e")]
    public void Nothing_typed_or_nothing_like_it_finds_nothing(string text) => Assert.Empty(Search(text));

    [Fact]
    public void The_limit_keeps_the_best() => Assert.Equal(Search("elbow").Take(2), Run("elbow", limit: 2));

    private static string[] Search(string text) => Run(text);

    private static string[] Run(string text, int limit = 20, params string[] everyday) =>
        [.. ConceptSearch.Run(Table, text, CodeForm.Matching(text), Day, limit, everyday).Select(h => Table.Code(h.Row))];
}
