using FhirEmr.BillingBridge.Interchange.Eligibility;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Interchange.Eligibility;

public sealed class PatientShareTests
{
    private static readonly BenefitFacts Plan = new() { ServiceType = "30", IsActive = true };

    [Fact]
    public void The_deductible_left_comes_first_and_coinsurance_is_of_the_rest()
    {
        var share = PatientShare.Of(200m, Plan with { Deductible = new(1_500m, 50m), Coinsurance = .2m }, copaySkipsDeductible: true);

        Assert.Equal((50m, 30m, 0m, 80m), (share.DeductibleUsd, share.CoinsuranceUsd, share.CopayUsd, share.TotalUsd));
    }

    [Theory]
    [InlineData(true, 30)]
    [InlineData(false, 110)]
    public void A_service_that_costs_its_copay_leaves_the_deductible_alone_where_the_plan_says_so(bool skips, int total)
    {
        var facts = Plan with { CopayUsd = 30m, IsCopayOnly = true, Deductible = new(1_500m, 50m), Coinsurance = .2m };

        Assert.Equal(total, PatientShare.Of(200m, facts, skips).TotalUsd);
    }

    [Fact]
    public void Nobody_pays_more_than_is_left_out_of_pocket_or_than_is_allowed()
    {
        Assert.Equal(12.5m, PatientShare.Of(200m, Plan with { Deductible = new(1_500m, 50m), Coinsurance = .2m, OutOfPocket = new(5_000m, 12.5m) }, true).TotalUsd);
        Assert.Equal(20m, PatientShare.Of(20m, Plan with { CopayUsd = 30m, IsCopayOnly = true }, true).TotalUsd);
        Assert.Equal(0m, PatientShare.Of(200m, Plan with { CopayUsd = 30m, OutOfPocket = new(5_000m, 0m) }, true).TotalUsd);
    }

    [Fact]
    public void A_deductible_of_which_nothing_is_said_to_be_left_counts_whole() =>
        Assert.Equal(200m, PatientShare.Of(200m, Plan with { Deductible = new(1_500m, null) }, true).TotalUsd);

    [Fact]
    public void What_is_not_covered_is_paid_whole()
    {
        Assert.Equal(200m, PatientShare.Of(200m, Plan with { IsActive = false, CopayUsd = 10m }, true).TotalUsd);
        Assert.Equal(200m, PatientShare.Of(200m, Plan with { IsExcluded = true }, true).TotalUsd);
    }

    [Fact]
    public void Cents_are_rounded_away_from_zero() =>
        Assert.Equal(12.35m, PatientShare.Of(61.73m, Plan with { Coinsurance = .2m }, true).CoinsuranceUsd);

    [Fact]
    public void What_one_service_takes_off_the_deductible_is_not_left_for_the_next_and_a_copay_is_paid_once()
    {
        var answer = Answer(
            Item("30", null, ("deductible", 1_500m, 50m), ("oop", 5_000m, 3_000m)),
            Item("98", null, ("copay", 30m, null)));
        answer.Insurance[0].Item[0].Benefit.Add(new() { Type = new CodeableConcept(EligibilityUrls.BenefitType, "coinsurance"), Allowed = new FhirString("20%") });

        var estimate = ShareEstimate.Of([("99213", "98", 120m), ("99214", "98", 150m), ("80053", "5", 40m), ("71046", "4", 100m)], answer, ["98"]);

        // 30, nothing, the 40 of the laboratory off the deductible, then 10 left of it and 20 % of 90.
        Assert.Equal([30m, 0m, 40m, 28m], estimate.Services.Select(s => s.Share.TotalUsd));
        Assert.Equal((410m, 98m), (estimate.AllowedUsd, estimate.TotalUsd));
    }

    [Fact]
    public void Network_goes_before_unit_and_unit_before_closeness()
    {
        var answer = Answer(
            Item("98", "out", ("copay", 90m, null)), Item("98", null, ("copay", 40m, null)), Item("98", "in", ("copay", 25m, null)),
            Item("30", "in", ("deductible", 3_000m, 900m)), Item("30", "in", ("deductible", 1_500m, 400m)));
        answer.Insurance[0].Item[3].Unit = new CodeableConcept(EligibilityUrls.Hl7BenefitUnit, "family");
        answer.Insurance[0].Item[4].Unit = new CodeableConcept(EligibilityUrls.Hl7BenefitUnit, "individual");

        var facts = BenefitFacts.Of(answer, "98");

        Assert.Equal((25m, 400m), (facts.CopayUsd, facts.Deductible!.LeftUsd));
        Assert.Null(BenefitFacts.Of(Answer(Item("98", "out", ("copay", 90m, null))), "98").CopayUsd);
        Assert.Null(BenefitFacts.Of(Answer(Item("33", "in", ("copay", 90m, null))), "98").CopayUsd);
    }

    [Fact]
    public void The_words_are_those_of_the_front_desk()
    {
        var answer = Answer(Item("30", "in", ("deductible", 1_500m, 412m)), Item("98", "in", ("copay", 30m, null)));
        answer.Insurance[0].Item[1].AuthorizationRequired = false;
        answer.Insurance[0].Item[1].Description = "REFERRAL NOT REQUIRED";

        Assert.Equal(
            "Active since Jan 1. Office visit copay $30. Deductible $412 left of $1,500. Authorization not needed. The payer says: REFERRAL NOT REQUIRED.",
            EligibilityWords.Of(answer, "98"));
        answer.Insurance[0].Inforce = false;
        answer.Insurance[0].BenefitPeriod!.End = "2025-12-31";
        answer.Insurance[0].Item.Clear();
        Assert.Equal("Not active: ended Dec 31, 2025.", EligibilityWords.Of(answer, "98"));
    }

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(90, "90 minutes ago")]
    [InlineData(180, "3 hours ago")]
    [InlineData(4 * 24 * 60, "4 days ago")]
    public void An_age_is_told_in_words(int minutes, string words) => Assert.Equal(words, EligibilityWords.Age(TimeSpan.FromMinutes(minutes)));

    private static CoverageEligibilityResponse Answer(params CoverageEligibilityResponse.ItemsComponent[] items) => new()
    {
        Created = "2026-04-01T08:00:00Z",
        Insurance = [new() { Inforce = true, BenefitPeriod = new Period { Start = "2026-01-01" }, Item = [.. items] }],
    };

    private static CoverageEligibilityResponse.ItemsComponent Item(string category, string? network, params (string Type, decimal Usd, decimal? Left)[] benefits)
    {
        var item = new CoverageEligibilityResponse.ItemsComponent
        {
            Category = new CodeableConcept(EligibilityUrls.ServiceType, category),
            Network = network is null ? null : new CodeableConcept(EligibilityUrls.Hl7BenefitNetwork, network),
        };
        foreach (var (type, usd, left) in benefits)
        {
            var benefit = new CoverageEligibilityResponse.BenefitComponent { Type = new CodeableConcept(EligibilityUrls.BenefitType, type), Allowed = SmallPractice.Usd(usd) };
            if (left is { } rest)
                benefit.AddExtension(EligibilityUrls.Remaining, SmallPractice.Usd(rest));
            item.Benefit.Add(benefit);
        }

        return item;
    }
}
