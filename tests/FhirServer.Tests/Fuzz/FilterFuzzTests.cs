using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Search.Query.Filter;

namespace FhirEmr.FhirServer.Tests.Fuzz;

/// <summary>Spoilt filters: refused in words or read; and what was read can be written again and means the same.</summary>
[Trait("Requirement", "S-72")]
public class FilterFuzzTests
{
    private static readonly string[] Filters =
    [
        "name eq \"x\" and birthdate ge 1980", "not (status eq final or code:Coding in http://x/vs)", "subject:Patient[name sw \"a\\\"b\" and not (gender ne male)].birthdate lt 2000-01-01",
        "given co ann or family pr true and identifier eq urn:mrn|A1", "(a eq 1 or (b eq 2 and (c eq 3)))", "patient.organization.name eq x", "date po 2024 or date ap 2024-02-29T23:59:59-05:00",
        "subject[_id eq r1]", "code ss http://snomed.info/sct|1 or code ni \"\\u00e9\"", "not eq 1 and and eq 2",
    ];

    private static readonly string[] Words = ["and", "or", "not", "(", ")", "[", "]", "((((((((", " eq ", " ew ", "\"", "\\", "\\u12", ":", ".", "pr true", " ", "\t", "\u00e9"];

    [Fact]
    public void Filters_are_read_or_refused_in_words_and_written_again_they_are_the_same() => Assert.True(FuzzRun.Try(15, 30_000, FuzzRun.Corpus(Filters), Words, input =>
    {
        var (term, fault) = FilterReader.Read(Encoding.UTF8.GetString(input));
        Assert.True(term is null != fault is null);
        if (term is null)
        {
            Assert.False(string.IsNullOrWhiteSpace(fault));
            return false;
        }

        // Fully in parentheses it may be nested deeper than a filter may be.
        var written = Written(term);
        var (again, deeper) = FilterReader.Read(written);
        Assert.True(again is not null || deeper!.Contains("nested", StringComparison.Ordinal), $"{written}: {deeper}");
        if (again is not null)
            Assert.Equal(written, Written(again));
        return true;
    }) > 1000);

    [Theory]
    [InlineData("a eq 1 and b eq 2 or c eq 3", "((a eq \"1\" and b eq \"2\") or c eq \"3\")")]
    [InlineData("a eq 1 or b eq 2 and c eq 3", "((a eq \"1\" or b eq \"2\") and c eq \"3\")")]
    [InlineData("subject:Patient[name sw x].birthdate lt 2000", "subject:Patient[name sw \"x\"].birthdate lt \"2000\"")]
    public void And_and_or_are_taken_from_left_to_right(string filter, string means) => Assert.Equal(means, Written(FilterReader.Read(filter).Term!));

    private static string Written(FilterTerm term) => term switch
    {
        FilterTerm.And and => $"({Written(and.Left)} and {Written(and.Right)})",
        FilterTerm.Or or => $"({Written(or.Left)} or {Written(or.Right)})",
        FilterTerm.Not not => $"not ({Written(not.Term)})",
        FilterTerm.Comparison comparison => string.Join('.', comparison.Path.Select(s => $"{s.Name}{(s.Type is null ? "" : ":" + s.Type)}{(s.Inner is null ? "" : $"[{Written(s.Inner)}]")}"))
            + (comparison.Operator is null ? "" : $" {comparison.Operator} {JsonSerializer.Serialize(comparison.Value)}"),
        _ => throw new NotSupportedException(term.GetType().Name),
    };
}
