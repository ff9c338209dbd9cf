using CsCheck;
using FhirEmr.Terminology.Index;

namespace FhirEmr.Terminology.Tests.Index;

public sealed class ConceptTableTests
{
    private static readonly DateOnly Day = new(2025, 1, 1);

    [Fact]
    public void The_parent_is_the_longest_proper_prefix_that_exists()
    {
        Gen.String[Gen.Char['A', 'C'], 1, 6].HashSet[1, 40].Sample(codes =>
        {
            var table = ConceptTable.Build(codes.Select(c => new ConceptRow(c, c, "", true)));
            return codes.All(code =>
            {
                var expected = codes.Where(c => c.Length < code.Length && code.StartsWith(c, StringComparison.Ordinal)).MaxBy(c => c.Length);
                var parent = table.Parent(table.Find(code, Day));
                return expected == (parent < 0 ? null : table.Code(parent));
            });
        });
    }

    [Fact]
    public void Children_are_the_rows_whose_parent_it_is()
    {
        Gen.String[Gen.Char['A', 'C'], 1, 6].HashSet[1, 40].Sample(codes =>
        {
            var table = ConceptTable.Build(codes.Select(c => new ConceptRow(c, c, "", true)));
            return Enumerable.Range(0, table.Count).All(row =>
                table.Children(row).SequenceEqual(Enumerable.Range(0, table.Count).Where(c => table.Parent(c) == row)));
        });
    }

    [Fact]
    public void A_code_may_be_billable_until_it_is_split_and_a_header_after()
    {
        var split = new DateOnly(2021, 10, 1);
        var table = Releases.Table(
            new("M545", "before", "", true, null, split.AddDays(-1)), new("M545", "after", "", false, split), new("M5450", "part", "", true, split));

        Assert.Equal("before", table.Display(table.Find("M545", split.AddDays(-1))));
        var header = table.Find("M545", split);
        Assert.Equal("after", table.Display(header));
        Assert.Equal(["M5450"], table.Children(header).Select(table.Code));
        Assert.Equal(2, table.FindAll("M545").Count());
    }

    [Fact]
    public void An_absent_code_is_not_found()
    {
        var table = Releases.Table(new ConceptRow("B", "b", "", true));

        Assert.All((string[])["", "A", "BA", "C", new('B', 500)], code => Assert.Equal(-1, table.Find(code, Day)));
    }
}
