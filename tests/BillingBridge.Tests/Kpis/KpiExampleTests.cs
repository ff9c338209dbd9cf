using FhirEmr.BillingBridge.Kpis;
using static FhirEmr.BillingBridge.Tests.Kpis.KpiPractice;

namespace FhirEmr.BillingBridge.Tests.Kpis;

/// <summary>The worked examples of billing spec 6, each counted over claims.</summary>
public sealed class KpiExampleTests
{
    private static readonly DateOnly Day = new(2026, 2, 10);

    [Fact]
    public void AR_DAYS_45_000_owed_over_135_000_in_ninety_days_are_30_days()
    {
        using var practice = new KpiPractice().Claims(1, id => Facts(id) with
        {
            Postings = [Post(Measure.Charge, 135_000m, Day), Post(Measure.PayerBalance, 135_000m, Day), Post(Measure.PayerBalance, -90_000m, Day)],
        });
        Assert.Equal(30.0m, practice.Figure("AR-DAYS").Value);
    }

    [Fact]
    public void AR_DAYS_leaves_credit_balances_out_and_charges_older_than_ninety_days()
    {
        using var practice = new KpiPractice()
            .Claims(1, id => Facts(id) with { Postings = [Post(Measure.Charge, 900m, End.AddDays(-89)), Post(Measure.PayerBalance, 100m, Day)] })
            .Claims(1, id => Facts(id) with { Postings = [Post(Measure.Charge, 500m, End.AddDays(-90)), Post(Measure.PatientBalance, -40m, Day)] });
        var figure = practice.Figure("AR-DAYS");
        Assert.Equal((100m, 900m, 10m), (figure.Numerator, figure.Denominator, figure.Value));
    }

    [Fact]
    public void AR_AGING_20_10_8_4_3_thousand_are_15_6_percent_over_ninety_days()
    {
        using var practice = new KpiPractice();
        foreach (var (usd, age) in ((decimal, int)[])[(20_000m, 30), (10_000m, 31), (8_000m, 90), (4_000m, 91), (3_000m, 121)])
            practice.Claims(1, id => Facts(id) with { ServiceDay = End.AddDays(-age), Postings = [Post(Measure.PayerBalance, usd, End.AddDays(-age))] });
        var figure = practice.Figure("AR-AGING");
        Assert.Equal(15.6m, decimal.Round(figure.Value!.Value * 100m, 1));
        Assert.Equal([20_000m, 10_000m, 8_000m, 4_000m, 3_000m], figure.Parts.Take(5).Select(p => p.Numerator));
        Assert.Equal(45_000m, figure.Parts.Where(p => p.Name.StartsWith("payer ", StringComparison.Ordinal)).Sum(p => p.Numerator));
    }

    [Fact]
    public void CCR_188_of_200_SCRUB_PASS_180_of_200_and_FPA_190_of_200()
    {
        using var practice = new KpiPractice()
            .Claims(188, id => Sent(id))
            .Claims(2, id => Sent(id) with { IsTouched = true })
            .Claims(10, id => Sent(id) with { IsAcceptedFirst = false });
        Assert.Equal(.94m, practice.Figure("CCR").Value);
        Assert.Equal(.95m, practice.Figure("FPA").Value);
        using var scrubbed = new KpiPractice().Claims(180, id => Sent(id)).Claims(20, id => Sent(id) with { IsFirstScrubClean = false });
        Assert.Equal(.90m, scrubbed.Figure("SCRUB-PASS").Value);
    }

    [Fact]
    public void FPR_170_of_190_and_IDR_19_of_190()
    {
        using var practice = new KpiPractice()
            .Claims(170, id => Answered(id) with { IsResolvedFirst = true })
            .Claims(19, id => Answered(id) with { Denied = [Denied(100m)] })
            .Claims(1, Answered);
        Assert.Equal(89.5m, decimal.Round(practice.Figure("FPR").Value!.Value * 100m, 1));
        var denials = practice.Figure("IDR-N");
        Assert.Equal((19m, 190m, .10m), (denials.Numerator, denials.Denominator, denials.Value));
    }

    [Fact]
    public void IDR_dollars_6_000_of_120_000()
    {
        using var practice = new KpiPractice()
            .Claims(1, id => Answered(id) with { Header = Header(id, Line(1, 6_000m)), Denied = [Denied(6_000m)] })
            .Claims(1, id => Answered(id) with { Header = Header(id, Line(1, 114_000m)) });
        Assert.Equal(.05m, practice.Figure("IDR-$").Value);
    }

    [Fact]
    public void OVERTURN_12_of_30_closed_lines_also_of_those_appealed_and_in_dollars()
    {
        using var practice = new KpiPractice()
            .Claims(12, id => Answered(id) with { Denied = [Denied(100m, closed: Day, laterUsd: 50m, isAppealed: true)] })
            .Claims(18, id => Answered(id) with { Denied = [Denied(100m, closed: Day)] })
            .Claims(5, id => Answered(id) with { Denied = [Denied(100m)] });
        var figure = practice.Figure("OVERTURN");
        Assert.Equal(.40m, figure.Value);
        Assert.Equal((12m, 12m), Numbers(figure, "appealed"));
        Assert.Equal((600m, 3_000m), Numbers(figure, "dollars"));
    }

    [Fact]
    public void DENIAL_WO_1_200_of_80_000_net_revenue()
    {
        using var practice = new KpiPractice().Claims(1, id => Facts(id) with
        {
            Postings = [Post(Measure.Charge, 135_000m, Day), Post(Measure.Contractual, 54_000m, Day), Post(Measure.OtherWriteOff, 1_000m, Day), Post(Measure.DenialWriteOff, 1_200m, Day)],
        });
        Assert.Equal((1_200m, 80_000m, .015m), Numbers(practice.Figure("DENIAL-WO")));
    }

    [Fact]
    public void GCR_59_3_percent_and_NCR_95_2_percent()
    {
        using var practice = new KpiPractice().Claims(1, id => Facts(id) with
        {
            Postings =
            [
                Post(Measure.Charge, 135_000m, Day), Post(Measure.Contractual, 51_000m, Day), Post(Measure.PayerPayment, 70_000m, Day), Post(Measure.PatientPayment, 10_000m, Day.AddDays(200)),
            ],
        });
        Assert.Equal(59.3m, decimal.Round(practice.Figure("GCR").Value!.Value * 100m, 1));
        Assert.Equal(95.2m, decimal.Round(practice.Figure("NCR").Value!.Value * 100m, 1));
        Assert.Null(practice.Figure("NCR", q => q with { Today = new(2026, 8, 1) }).Value); // the cohort is not six months old
    }

    [Fact]
    public void CHARGE_LAG_of_1_2_and_6_days_is_3_in_the_mean_and_2_in_the_middle()
    {
        using var practice = new KpiPractice();
        foreach (var lag in (int[])[1, 2, 6])
            practice.Claims(1, id => Facts(id) with { Header = Header(id) with { Created = new DateOnly(2026, 2, 2).AddDays(lag) } });
        var figure = practice.Figure("CHARGE-LAG");
        Assert.Equal(3.0m, figure.Value);
        Assert.Equal(2m, figure.Parts[0].Value);
    }

    [Fact]
    public void PAYER_MIX_40_15_38_7()
    {
        using var practice = new KpiPractice();
        foreach (var (payer, usd) in ((string, decimal)[])[("medicare", 400m), ("medicaid", 150m), ("commercial", 380m), ("self", 70m)])
            practice.Claims(1, id => Facts(id) with { Header = Header(id) with { PayerClass = payer }, Postings = [Post(Measure.Charge, usd, Day)] });
        Assert.Equal(
            [("charges commercial", .38m), ("charges medicaid", .15m), ("charges medicare", .40m), ("charges self", .07m)],
            practice.Figure("PAYER-MIX").Parts.Select(p => (p.Name, p.Value!.Value)));
    }

    [Fact]
    public void POS_COLL_2_500_of_5_000()
    {
        using var practice = new KpiPractice().Claims(1, id => Facts(id) with
        {
            Postings = [Post(Measure.PatientShare, 5_000m, Day), Post(Measure.PatientPayment, 2_500m, new(2026, 2, 2), 0), Post(Measure.PatientPayment, 1_000m, Day)],
        });
        Assert.Equal(.50m, practice.Figure("POS-COLL").Value);
    }

    [Fact]
    public void PROD_wRVU_ten_99214_and_a_bilateral_injection_are_20_385_and_PROD_ENC_93_2_dollars_each()
    {
        LineFacts[] lines = [Line(1, 1_500m, "99214", 10m), Line(2, 400m, "20610", 1m, "50")];
        using var practice = new KpiPractice().Claims(1, id => Facts(id) with
        {
            Header = Header(id, lines),
            Work = WorkRvus.Of(lines, TestFees.Row),
            Postings = [Post(Measure.PayerPayment, 1_900m, Day)],
        });
        Assert.Equal(20.385m, practice.Figure("PROD-wRVU").Value);
        Assert.Equal(93.2m, decimal.Round(practice.Figure("PROD-ENC").Value!.Value, 1));
    }

    [Fact]
    public void Nothing_to_divide_by_is_null_and_not_zero()
    {
        using var practice = new KpiPractice();
        string[] sums = ["DNFB", "CREDIT-BAL", "PROD-wRVU"]; // amounts, not ratios: none is none
        Assert.All(practice.Cube.Count(practice.Query), f => Assert.Equal(sums.Contains(f.Kpi.Id) ? 0m : null, f.Value));
    }

    private static ClaimFacts Sent(string id) => Facts(id) with { FirstScrubbedOn = Day, IsFirstScrubClean = true, FirstSubmittedOn = Day, IsAcceptedFirst = true };

    private static ClaimFacts Answered(string id) => Facts(id) with { FirstAnsweredOn = Day };

    private static (decimal, decimal) Numbers(KpiFigure figure, string part) => figure.Parts.Where(p => p.Name == part).Select(p => (p.Numerator, p.Denominator)).Single();

    private static (decimal, decimal, decimal?) Numbers(KpiFigure figure) => (figure.Numerator, figure.Denominator, figure.Value);
}
