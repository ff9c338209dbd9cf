using FhirEmr.BillingBridge.Denials;
using FhirEmr.Terminology.CodeSystems.Carc;

namespace FhirEmr.BillingBridge.Tests.Denials;

public class DenialTaxonomyTests
{
    /// <summary>The rows of the specification by category: how many there are, and how many of them are denials.</summary>
    [Theory]
    [InlineData("eligibility", 12, 12)]
    [InlineData("registration", 4, 4)]
    [InlineData("auth", 13, 13)]
    [InlineData("coding", 17, 17)]
    [InlineData("bundling", 8, 8)]
    [InlineData("medical-necessity", 12, 12)]
    [InlineData("documentation", 12, 12)]
    [InlineData("timely-filing", 2, 2)]
    [InlineData("duplicate", 3, 3)]
    [InlineData("cob", 9, 9)]
    [InlineData("provider", 12, 12)]
    [InlineData("submission", 6, 6)]
    [InlineData("benefit", 9, 9)]
    [InlineData("contractual", 10, 2)]
    [InlineData("patient", 6, 2)]
    [InlineData("info", 5, 0)]
    [InlineData("appeal-outcome", 1, 1)]
    public void Every_row_is_there(string category, int rows, int denials)
    {
        var there = CarcTable.All.Where(c => c.Category == category).ToList();

        Assert.Equal((rows, denials), (there.Count, there.Count(c => c.IsDenial)));
    }

    [Theory]
    [InlineData("MA04", "cob")]
    [InlineData("N382", "registration")]
    [InlineData("MA112", "provider")]
    [InlineData("M81", "coding")]
    [InlineData("M76", "coding")]
    [InlineData("N225", "documentation")]
    [InlineData("MA130", "submission")]
    [InlineData("N517", "auth")]
    [InlineData("M80", "bundling")]
    [InlineData("M38", "medical-necessity")]
    [InlineData("N211", "timely-filing")]
    [InlineData("N425", "benefit")]
    [InlineData("M53", "coding")]
    [InlineData("M144", "duplicate")]
    [InlineData("M51 MA04", "cob")]
    [InlineData("MA01", null)]
    public void A_remark_decides_for_16_96_and_A1(string remarks, string? category)
    {
        foreach (var carc in (string[])["16", "96", "A1"])
            Assert.Equal(category ?? CarcTable.Find(carc)!.Category, DenialReason.Of(carc, remarks.Split(' '), paidNothing: true).Category);
    }

    [Fact]
    public void Every_remark_that_refines_has_our_words() =>
        Assert.All(
            EmbeddedRows.Read("remark-refinements.csv").SelectMany(r => r[1].Split(' ')),
            remark => Assert.False(string.IsNullOrWhiteSpace(DenialReason.RemarkMeaning(remark)), remark));

    [Theory]
    [InlineData("CO", "may not be billed")]
    [InlineData("PI", "may not be billed")]
    [InlineData("PR", "may be billed")]
    [InlineData("OA", "look at the remittance")]
    public void The_group_says_who_may_be_asked(string group, string reading) =>
        Assert.Contains(reading, DenialReason.GroupReading(group), StringComparison.Ordinal);

    [Theory]
    [InlineData("eligibility", "front desk", 5)]
    [InlineData("registration", "front desk", 3)]
    [InlineData("auth", "auth team", 5)]
    [InlineData("coding", "coders", 7)]
    [InlineData("bundling", "coders", 7)]
    [InlineData("medical-necessity", "clinical appeals", 14)]
    [InlineData("documentation", "coders/records", 7)]
    [InlineData("timely-filing", "billing lead", 3)]
    [InlineData("duplicate", "billers", 5)]
    [InlineData("cob", "billers", 7)]
    [InlineData("provider", "credentialing", 7)]
    [InlineData("submission", "billers", 2)]
    [InlineData("benefit", "billers", 7)]
    [InlineData("appeal-outcome", "lead", 3)]
    public void A_category_has_its_group_and_days(string category, string group, int days)
    {
        var task = DenialTask.For(category, "Claim/1", "ClaimResponse/1", null, "", "k", 1m, new(2026, 4, 1))!;

        Assert.Equal(($"denial-{category}", group, new DateOnly(2026, 4, 1).AddDays(days)), (task.Code, task.Group, task.Deadline!.Value));
    }

    [Theory]
    [InlineData("99213", "office visits")]
    [InlineData("99283", "emergency visits")]
    [InlineData("99490", "other visits and care management")]
    [InlineData("20610", "musculoskeletal procedures")]
    [InlineData("80053", "laboratory")]
    [InlineData("90471", "vaccine administration")]
    [InlineData("J1885", "drugs")]
    [InlineData("G2211", "other HCPCS services")]
    [InlineData(null, "claim as a whole")]
    public void A_code_has_its_family(string? code, string family) => Assert.Equal(family, CodeFamily.Of(code));
}
