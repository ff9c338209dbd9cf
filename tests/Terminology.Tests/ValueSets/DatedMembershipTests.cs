using FhirEmr.Terminology.Import;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Tests.ValueSets;

/// <summary>Value sets over editions that come and go.</summary>
public sealed class DatedMembershipTests : IDisposable
{
    private const string Icd = CodeSystemUrls.Icd10Cm;
    private readonly Releases releases = new();
    private readonly IValueSets sets;

    public DatedMembershipTests()
    {
        var shelf = new ResourceShelf()
            .ValueSet("diabetes", $$"""{"include":[{"system":"{{Icd}}","filter":[{"property":"concept","op":"is-a","value":"E11"}]}]}""")
            .ValueSet("listed", $$"""{"include":[{"system":"{{Icd}}","concept":[{"code":"E11.9"},{"code":"E11.A"}]}]}""")
            .ValueSet("billable", $$"""{"include":[{"system":"{{Icd}}","filter":[{"property":"billable","op":"=","value":"true"}]}]}""")
            .ValueSet("locked", $$"""{"lockedDate":"2025-01-01","include":[{"system":"{{Icd}}"}]}""")
            .ValueSet("versioned", $$"""{"include":[{"system":"{{Icd}}","version":"2025"}]}""");
        var service = releases.Open(shelf);
        service.Import(ReleaseKind.Icd10Cm, releases.File("icd10cm-order-2025.txt",
            Releases.Order(1, "E11", false, "Type 2 diabetes") + Releases.Order(2, "E119", true, "Type 2 diabetes, plain") + Releases.Order(3, "E13", true, "Other")), null, default);
        service.Import(ReleaseKind.Icd10Cm, releases.File("icd10cm-order-2026.txt",
            Releases.Order(1, "E11", false, "Type 2 diabetes") + Releases.Order(2, "E11A", true, "Type 2 diabetes in remission")), null, default);
        sets = service.ValueSets;
    }

    public void Dispose() => releases.Dispose();

    [Theory]
    [InlineData("diabetes", "E11.9", "2025-01-15", Membership.In)]
    [InlineData("diabetes", "e119", "2025-01-15", Membership.In)]
    [InlineData("diabetes", "E11.9", "2026-01-15", Membership.NotIn)]
    [InlineData("diabetes", "E11.A", "2025-01-15", Membership.NotIn)]
    [InlineData("diabetes", "E11.A", "2026-01-15", Membership.In)]
    [InlineData("diabetes", "E13", "2025-01-15", Membership.NotIn)]
    [InlineData("listed", "E11.9", "2025-01-15", Membership.In)]
    [InlineData("listed", "E119", "2026-01-15", Membership.NotIn)]
    [InlineData("listed", "E11A", "2026-01-15", Membership.In)]
    [InlineData("billable", "E11", "2026-01-15", Membership.NotIn)]
    [InlineData("billable", "E11.A", "2026-01-15", Membership.In)]
    [InlineData("locked", "E11.9", "2026-01-15", Membership.In)]
    [InlineData("locked", "E11.A", "2026-01-15", Membership.NotIn)]
    [InlineData("versioned", "E11.9", "2026-01-15", Membership.In)]
    public void The_day_chooses_the_edition(string set, string code, string day, Membership expected) =>
        Assert.Equal(expected, sets.Check($"urn:vs:{set}", Icd, code, null, DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture)).Membership);

    [Fact]
    public void The_version_of_a_coding_chooses_it_too()
    {
        Assert.Equal(Membership.In, sets.Check("urn:vs:diabetes", Icd, "E11.9", "2025", new(2026, 1, 15)).Membership);
        Assert.Equal(Membership.NotIn, sets.Check("urn:vs:diabetes", Icd, "E11.9", "2026", new(2025, 1, 15)).Membership);
    }

    [Fact]
    public void Implicit_value_sets_stand_for_a_system_or_a_branch_of_it()
    {
        Assert.Equal(Membership.In, sets.Check($"{Icd}?fhir_vs", Icd, "E13", null, new(2025, 1, 15)).Membership);
        Assert.Equal(Membership.In, sets.Check($"{Icd}?fhir_vs=isa/E11", Icd, "E11.9", null, new(2025, 1, 15)).Membership);
        Assert.Equal(Membership.NotIn, sets.Check($"{Icd}?fhir_vs=isa/E11", Icd, "E13", null, new(2025, 1, 15)).Membership);
    }
}
