using FhirEmr.Terminology.Import;

namespace FhirEmr.Terminology.Tests;

public sealed class EditionStandingTests : IDisposable
{
    private readonly Releases releases = new();

    public EditionStandingTests()
    {
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2025.txt", Releases.Order(1, "A00", true, "Cholera") + Releases.Order(2, "A01", true, "Typhoid"));
        releases.Import(ReleaseKind.Icd10Cm, "icd10cm-order-2026.txt", Releases.Order(1, "A00", false, "Cholera, any") + Releases.Order(2, "A000", true, "Cholera, classical"));
    }

    public void Dispose() => releases.Dispose();

    [Theory]
    [InlineData("2025-05-01", "icd10cm-2025:Current:153 icd10cm-2026:Future: icd10cm-fragment:Superseded:")]
    [InlineData("2026-05-01", "icd10cm-2025:Past: icd10cm-2026:Current:153 icd10cm-fragment:Superseded:")]
    [InlineData("2026-10-05", "icd10cm-2025:Past: icd10cm-2026:Current:-4 icd10cm-fragment:Superseded:")]
    public void Each_edition_tells_how_it_stands_to_the_day(string today, string expected)
    {
        var standing = releases.Service.Standing(DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture)).Where(s => s.Edition.System == CodeSystemUrls.Icd10Cm)
            .OrderBy(s => s.Edition.Id, StringComparer.Ordinal).ToArray();

        Assert.Equal(expected, string.Join(' ', standing.Select(s => $"{s.Edition.Id}:{s.State}:{s.DaysToNext}")));
        Assert.Equal(today == "2026-10-05", standing.Any(s => s.IsStale));
    }

    [Fact]
    public void Two_editions_are_compared_code_by_code()
    {
        var found = releases.Service.Compare("icd10cm-2025", "icd10cm-2026", 10)!;

        Assert.Equal(["A00.0"], found.Added.Select(c => c.Code));
        Assert.Equal(["A01"], found.Removed.Select(c => c.Code));
        Assert.Equal([("A00", "was 'Cholera', no longer billable")], found.Changed.Select(c => (c.Code, c.What!)));
        Assert.Null(releases.Service.Compare("icd10cm-2025", "nothing", 10));
    }

    [Fact]
    public void A_retired_edition_is_gone_for_good_and_our_own_tables_stay()
    {
        Assert.True(releases.Service.Retire("icd10cm-2026"));
        Assert.False(releases.Service.Retire("icd10cm-2026"));
        Assert.False(releases.Service.Retire("icd10cm-fragment"));
        Assert.Null(releases.Open().Find(CodeSystemUrls.Icd10Cm, "A00.0", new(2026, 1, 1)));
        Assert.NotNull(releases.Open().Find(CodeSystemUrls.Icd10Cm, "A01", new(2025, 1, 1)));
    }
}
