using FhirEmr.BillingBridge.RiskAdjustment;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.RiskAdjustment;

public sealed class RiskScoreTests : IDisposable
{
    private static readonly RiskPerson Woman = new(new DateOnly(1959, 1, 15), IsFemale: true, OriginalEntitlement: 0);

    private readonly SmallHccTables files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void The_raw_score_is_demography_categories_interactions_and_count()
    {
        var score = Score(Woman, "A1", "A4");

        Assert.Equal(("CNA", 0.4m + 0.1m + 0.3m + 0.01m + 0.002m), (score.Segment, score.Raw));
        Assert.Equal(["F70_74", "HCC37", "HCC226", "DIABETES_HF_V28", "D2"], score.Variables.Select(v => v.Name));
        Assert.Equal("HCC 37 with HCC 226", score.Variables.Single(v => v.Name == "DIABETES_HF_V28").Why);
    }

    [Fact]
    public void A_category_without_a_coefficient_is_neither_paid_nor_counted()
    {
        var score = Score(Woman, "A1", "A9");

        Assert.Equal(["F70_74", "HCC37", "D1"], score.Variables.Select(v => v.Name));
    }

    [Theory]
    [InlineData(null, 0.4)]
    [InlineData("00", 0.4)]
    [InlineData("02", 0.41)]
    [InlineData("08", 0.41)]
    [InlineData("01", 0.42)]
    [InlineData("06", 0.42)]
    public void Dual_status_tells_the_community_segment(string? dual, double expected) => Assert.Equal((decimal)expected, Score(Woman with { DualStatus = dual }).Raw);

    [Theory]
    [InlineData("1966-02-01", "CNA")]
    [InlineData("1966-02-02", "CND")]
    public void Age_is_counted_on_the_first_of_February(string birth, string segment)
    {
        files.Write("ra_coefficients_2031.csv", "coefficient,value,model_domain,model_version\nCNA_F65_69,1,CMS-HCC,C28\nCND_F60_64,2,CMS-HCC,C28\nCNA_F65_69,1,CMS-HCC,C24\n");

        Assert.Equal(segment, Score(Woman with { BirthDate = DateOnly.Parse(birth, System.Globalization.CultureInfo.InvariantCulture) }).Segment);
    }

    [Fact]
    public void Disability_counts_by_its_time_and_its_segment()
    {
        var originally = Score(Woman with { OriginalEntitlement = 1 });
        var inHome = Score(new RiskPerson(new DateOnly(1970, 1, 1), IsFemale: true, OriginalEntitlement: 1, DualStatus: "02") { IsLongTermInstitutional = true }, "A4");
        var cancerAtHome = Score(Woman with { OriginalEntitlement = 1, IsFemale = false }, "A6");

        Assert.Equal(0.65m, originally.Raw); // found although the table writes the name in lower case
        Assert.Equal(("INS", 1.2m + 0.5m + 0.13m + 0.07m), (inHome.Segment, inHome.Raw));
        Assert.DoesNotContain(cancerAtHome.Variables, v => v.Name == "DISABLED_CANCER_V28"); // not disabled any more at 72
    }

    [Fact]
    public void A_new_enrollee_is_scored_by_demography_alone()
    {
        var at64 = Score(Woman with { BirthDate = new DateOnly(1966, 6, 1), IsNewEnrollee = true }, "A1");
        var disabled = Score(Woman with { BirthDate = new DateOnly(1964, 6, 1), OriginalEntitlement = 1, IsNewEnrollee = true });
        var medicaid = Score(Woman with { BirthDate = new DateOnly(1970, 6, 1), OriginalEntitlement = 1, DualStatus = "03", IsNewEnrollee = true });
        var plan = Score(Woman with { IsNewEnrollee = true, IsInChronicPlan = true });

        Assert.Equal(["NMCAID_NORIGDIS_NEF65"], at64.Variables.Select(v => v.Name));
        Assert.Equal([37], at64.Capture.Hccs.Select(h => h.Hcc));
        Assert.Equal((0.9m, 1.4m, 0.8m, "SNPNE"), (disabled.Raw, medicaid.Raw, plan.Raw, plan.Segment));
    }

    [Fact]
    public void What_the_tables_lack_is_said_not_guessed()
    {
        var unknown = Assert.Throws<HccTablesException>(() => Score(new RiskPerson(new DateOnly(1920, 1, 1), true, 0)));

        Assert.Contains("CNA_F95_GT", unknown.Message, StringComparison.Ordinal);
        Assert.Null(PaymentYear.Of(2031));
    }

    [Fact]
    public void The_payment_score_normalises_each_part_before_it_blends()
    {
        var year = new PaymentYear(SmallHccTables.Year, 0.1m, [new(RiskModel.V28, 0.75m, 1.5m), new(RiskModel.V24, 0.25m, 1.2m)]);

        var factor = RiskAdjustmentFactor.Of(year, files.Tables, Woman, [Visit("A1")], frailty: 0.01m);

        Assert.Equal([0.501m, 0.5m], factor.Scores.Select(s => s.Raw));
        Assert.Equal((0.75m * 0.501m * 0.9m / 1.5m) + (0.25m * 0.5m * 0.9m / 1.2m) + 0.01m, factor.Payment);
        Assert.Throws<ArgumentException>(() => RiskAdjustmentFactor.Of(year with { Year = 2030 }, files.Tables, Woman, []));
    }

    [Fact]
    public void A_practices_own_row_goes_before_the_default() =>
        Assert.Equal(0.07m, PaymentYear.Of(2026, [new(2026, 0.07m, [new(RiskModel.V28, 1m, 1m)])])!.CodingIntensity);

    [Fact]
    public void The_worked_example_of_the_specification()
    {
        var tables = SharedHccTables.Require();
        var woman = new RiskPerson(new DateOnly(1953, 6, 1), IsFemale: true, OriginalEntitlement: 0); // 72 on 1 February 2026
        RiskClaim[] claims = [new("Claim/1", new DateOnly(2025, 5, 6), ServiceKind.Professional, ["E11.42", "E11.9", "I50.32", "J44.9", "N18.30"], [new("99214", [])])];

        var v28 = RiskScore.Of(RiskModel.V28, tables, woman, claims);
        var v24 = RiskScore.Of(RiskModel.V24, tables, woman, claims);

        Assert.Equal([37, 226, 280, 329], v28.Capture.Hccs.Select(h => h.Hcc));
        Assert.Equal([18, 85, 111, 138], v24.Capture.Hccs.Select(h => h.Hcc));
        Assert.Equal(["DIABETES_HF_V28", "HF_CHR_LUNG_V28", "HF_KIDNEY_V28"], v28.Variables.Select(v => v.Name).Where(n => n.EndsWith("_V28", StringComparison.Ordinal)));
        Assert.Equal((1.733m, 1.861m), (v28.Raw, v24.Raw));
        var factor = RiskAdjustmentFactor.Of(PaymentYear.Of(2026)!, tables, woman, claims);
        Assert.Equal(1.5284m, Math.Round(factor.Payment, 4));
        var blend = PaymentYear.Of(2025)!.Payment(new Dictionary<RiskModel, decimal> { [RiskModel.V28] = v28.Raw, [RiskModel.V24] = v24.Raw });
        Assert.Equal(1.5468m, Math.Round(blend, 4));
    }

    [Fact]
    public void Without_an_eligible_code_the_worked_example_is_demography_alone()
    {
        var tables = SharedHccTables.Require();
        var woman = new RiskPerson(new DateOnly(1953, 6, 1), IsFemale: true, OriginalEntitlement: 0);

        var lab = RiskScore.Of(RiskModel.V28, tables, woman, [new("Claim/1", new DateOnly(2025, 5, 6), ServiceKind.Professional, ["E11.42", "I50.32"], [new("80053", [])])]);
        var one = RiskScore.Of(RiskModel.V28, tables, woman, [new("Claim/1", new DateOnly(2025, 5, 6), ServiceKind.Professional, ["E11.9"], [new("99213", [])])]);

        Assert.Equal((0.395m, 0.561m), (lab.Raw, one.Raw));
        Assert.Contains("80053", Assert.Single(lab.Capture.LeftOut).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tables_of_2025_score_a_run_of_2025()
    {
        var tables = SharedHccTables.Require(2025);

        var factor = RiskAdjustmentFactor.Of(PaymentYear.Of(2025)!, tables, new RiskPerson(new DateOnly(1952, 6, 1), true, 0),
            [new("Claim/1", new DateOnly(2024, 5, 6), ServiceKind.Professional, ["E11.9"], [new("99213", [])])]);

        Assert.Equal([RiskModel.V28, RiskModel.V24], factor.Scores.Select(s => s.Model));
        Assert.Equal([38, 19], factor.Scores.SelectMany(s => s.Capture.Hccs).Select(h => h.Hcc));
    }

    [Fact]
    public void All_diagnoses_of_a_claim_count_not_only_those_its_lines_point_at()
    {
        var claim = new Claim
        {
            Id = "c",
            Status = FinancialResourceStatusCodes.Active,
            Use = ClaimUseCode.Claim,
            Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
            Diagnosis = [Diagnosis(1, "A1"), Diagnosis(2, "A4")],
            Item = [new Claim.ItemComponent { Sequence = 1, ProductOrService = new CodeableConcept(CodeSystemUrls.Cpt, "99213"), Serviced = new Date("2030-02-03"), DiagnosisSequence = [1], Modifier = [new CodeableConcept(CodeSystemUrls.Cpt, "25")] }],
        };

        var read = RiskClaims.Of(claim, null)!;
        claim.Status = FinancialResourceStatusCodes.Cancelled;

        Assert.Equal(("Claim/c", new DateOnly(2030, 2, 3), "A1 A4", "99213 25"), (read.Reference, read.ServiceDate, string.Join(' ', read.Diagnoses), $"{read.Lines[0].Code} {read.Lines[0].Modifiers[0]}"));
        Assert.Null(RiskClaims.Of(claim, null));
    }

    private static Claim.DiagnosisComponent Diagnosis(int sequence, string code) => new() { Sequence = sequence, Diagnosis = new CodeableConcept(CodeSystemUrls.Icd10Cm, code) };

    private static RiskClaim Visit(params string[] codes) => new("Claim/c", new DateOnly(2030, 6, 1), ServiceKind.Professional, codes, [new("99213", [])]);

    private RiskScore Score(RiskPerson person, params string[] codes) => RiskScore.Of(RiskModel.V28, files.Tables, person, [Visit(codes)]);
}
