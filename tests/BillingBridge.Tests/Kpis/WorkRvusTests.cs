using FhirEmr.BillingBridge.Kpis;
using static FhirEmr.BillingBridge.Tests.Kpis.KpiPractice;

namespace FhirEmr.BillingBridge.Tests.Kpis;

public sealed class WorkRvusTests
{
    [Theory]
    [InlineData("93306", "26", 1.40)]
    [InlineData("93306", "TC", 0)]
    [InlineData("93000", "26", 0.17)] // no row of its own
    [InlineData("20610", "50", 1.185)]
    [InlineData("27447", "62", 12.5)]
    [InlineData("27447", "80", 3.2)]
    [InlineData("27447", "81", 3.2)]
    [InlineData("27447", "82", 3.2)]
    [InlineData("27447", "AS", 2.72)]
    [InlineData("27447", "52", 10)]
    [InlineData("27447", "53", 10)]
    [InlineData("45378", "53", 1.63)] // the schedule's own row, not halved again
    [InlineData("27447", "54", 13.8)]
    [InlineData("27447", "55", 4.2)]
    [InlineData("27447", "56", 2)]
    [InlineData("20610", "51", .395)]
    [InlineData("20610", "RT", .79)]
    [InlineData("00000", "", 0)] // not in the schedule
    public void A_modifier_changes_the_work(string code, string modifier, double rvu)
    {
        LineFacts[] lines = [Line(1, 100m, code, 1m, modifier.Length > 0 ? [modifier] : [])];
        Assert.Equal((int)Math.Round(rvu * 10_000), WorkRvus.Of(lines, TestFees.Row)[0]);
    }

    [Fact]
    public void Of_several_procedures_of_a_day_the_dearest_counts_whole_and_the_others_half() =>
        Assert.Equal([5_000, 20_000, 19_200], WorkRvus.Of([Line(1, 1m, "11400"), Line(2, 1m, "11401"), Line(3, 1m, "99214")], TestFees.Row));

    [Fact]
    public void Procedures_of_different_days_do_not_lessen_each_other() =>
        Assert.Equal([10_000, 20_000], WorkRvus.Of([Line(1, 1m, "11400"), Line(2, 1m, "11401") with { Day = new(2026, 2, 3) }], TestFees.Row));

    [Fact]
    public void Units_multiply() => Assert.Equal([57_600], WorkRvus.Of([Line(1, 1m, "99214", 3m)], TestFees.Row));
}
