using FhirEmr.BillingBridge.EvaluationManagement;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.EvaluationManagement.MdmLevel;

namespace FhirEmr.BillingBridge.Tests.EvaluationManagement;

/// <summary>The worked examples of billing spec 4.5, each from the resources that document it.</summary>
public sealed class WorkedExampleTests
{
    [Fact]
    public async Task Example_1_two_chronic_illnesses_at_goal_with_refills()
    {
        var level = await new VisitFixture().Problem("htn", "I10", "at-goal").Problem("dm", "E11.9", "at-goal")
            .Order("a1c", "83036").Prescribe("rx1", "lisinopril 10 MG").Prescribe("rx2", "metformin 500 MG").Minutes(18).LevelAsync();

        Assert.Equal((Moderate, Straightforward, Moderate, Moderate), Levels(level));
        Assert.Equal(("99214", "99212", "99214", LevelBasis.MedicalDecisionMaking), (level.CodeByMdm, level.CodeByTime, level.Code, level.Basis));
    }

    [Fact]
    public async Task Example_2_new_patient_with_sore_throat_and_a_test_billed_here()
    {
        var level = await new VisitFixture(isNew: true).Problem("throat", "J02.9").Confirm("throat", "acute-uncomplicated")
            .Order("strep", "87880").Charge("strep-charge", "87880").Prescribe("rx", "amoxicillin 500 MG").Minutes(22).LevelAsync();

        Assert.Equal((Low, None, Moderate, Low), Levels(level));
        Assert.Equal(("99203", "99202", "99203"), (level.CodeByMdm, level.CodeByTime, level.Code));
        Assert.Contains(level.Facts.NotCounted, n => n.Reference == "ServiceRequest/strep" && n.Why.Contains("billed by the same clinician", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Example_3_exacerbation_with_tests_and_an_external_note()
    {
        var level = await new VisitFixture().Problem("copd", "J44.1", "exacerbation").Order("cxr", "71046").Order("cbc", "85025")
            .Review(VisitFixture.ExternalNote("ed")).Prescribe("rx", "prednisone 20 MG").Minutes(35).LevelAsync();

        Assert.Equal((Moderate, Moderate, Moderate, Moderate), Levels(level));
        Assert.Equal(("99214", "99214", "99214"), (level.CodeByMdm, level.CodeByTime, level.Code));
    }

    [Fact]
    public async Task Example_4_sent_to_hospital_with_an_interpretation_that_is_billed()
    {
        var level = await new VisitFixture().Problem("angina", "I20.0").Confirm("angina", "threat-to-life")
            .Order("admit", "99999", r => r.Code = new CodeableConcept("http://snomed.info/sct", "32485007", "Hospital admission"))
            .Answer("discussion", new FhirString("the cardiologist on call"))
            .Answer("interpretation", new Coding("http://www.ama-assn.org/go/cpt", "93000")).Charge("ecg", "93000").LevelAsync();

        Assert.Equal((High, Moderate, High, High), Levels(level));
        Assert.Equal("99215", level.Code);
        Assert.Contains(level.Facts.NotCounted, n => n.Why.Contains("93000", StringComparison.Ordinal) || n.Why.Contains("billed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Example_5_a_mole_looked_at_and_left()
    {
        var level = await new VisitFixture().Problem("mole", "D22.5").Minutes(9).LevelAsync();

        Assert.Equal((Straightforward, None, Straightforward, Straightforward), Levels(level));
        Assert.Equal(("99212", null, "99212"), (level.CodeByMdm, level.CodeByTime, level.Code));
    }

    [Theory]
    [InlineData(false, "99417", 2)]
    [InlineData(true, "G2212", 1)]
    public async Task Example_6_seventy_two_minutes(bool isMedicare, string code, int units)
    {
        var visit = new VisitFixture().Problem("copd", "J44.1", "exacerbation").Prescribe("rx", "prednisone 20 MG").Minutes(72);
        var level = await (isMedicare ? visit.Medicare() : visit).LevelAsync();

        Assert.Equal((Moderate, "99215", LevelBasis.TotalTime), (level.Mdm, level.Code, level.Basis));
        var addOn = Assert.Single(level.AddOns);
        Assert.Equal((code, units, "Encounter/visit"), (addOn.Code, addOn.Units, addOn.Support.Reference));
    }

    [Fact]
    public async Task Example_7_one_minute_short_of_prolonged()
    {
        var level = await new VisitFixture(isNew: true).Minutes(74).LevelAsync();

        Assert.Equal("99205", level.Code);
        Assert.Empty(level.AddOns);
        Assert.Contains("99417 with 99205: 75 minutes of total time (74 are documented).", level.Missing);
    }

    [Fact]
    public async Task Example_8_one_minute_short_of_the_next_level()
    {
        var level = await new VisitFixture().Problem("cold", "J00").Confirm("cold", "acute-uncomplicated")
            .Prescribe("otc", "guaifenesin", r => r.AddExtension(EvaluationUrls.OverTheCounter, new FhirBoolean(true))).Minutes(29).LevelAsync();

        Assert.Equal((Low, "99213", "99213", "99213"), (level.Mdm, level.CodeByMdm, level.CodeByTime, level.Code));
    }

    [Fact]
    public async Task Example_9_a_drug_watched_for_toxicity()
    {
        var level = await new VisitFixture().Problem("ra", "M06.9", "stable").Problem("htn", "I10", "stable").Prescribe("mtx", "methotrexate 2.5 MG")
            .Order("cbc", "85025", r => r.Occurrence = VisitFixture.Every(3)).Order("lft", "80076", r => r.Occurrence = VisitFixture.Every(3)).LevelAsync();

        Assert.Equal((Moderate, Low, High, Moderate), Levels(level));
        Assert.Equal("99214", level.Code);
    }

    private static (MdmLevel Problems, MdmLevel Data, MdmLevel Risk, MdmLevel Mdm) Levels(VisitLevel level) =>
        (level.Problems.Level, level.Data.Level, level.Risk.Level, level.Mdm);
}
