using FhirEmr.BillingBridge.EvaluationManagement;
using static FhirEmr.BillingBridge.EvaluationManagement.MdmLevel;

namespace FhirEmr.BillingBridge.Tests.EvaluationManagement;

public sealed class MedicalDecisionMakingTests
{
    private static readonly Support Nothing = new("Encounter/visit", "");

    [Theory]
    [InlineData(None, None, None, None)]
    [InlineData(High, None, None, None)]
    [InlineData(High, Low, None, Low)]
    [InlineData(High, Moderate, Low, Moderate)]
    [InlineData(Moderate, Low, High, Moderate)]
    [InlineData(High, High, None, High)]
    public void Two_of_three_is_the_middle_one(MdmLevel problems, MdmLevel data, MdmLevel risk, MdmLevel expected)
    {
        Assert.Equal(expected, MedicalDecisionMaking.TwoOfThree(problems, data, risk));
        Assert.Equal(expected, MedicalDecisionMaking.TwoOfThree(risk, problems, data));
    }

    public static TheoryData<ProblemKind[], MdmLevel> Problems => new()
    {
        { [], None },
        { [ProblemKind.SelfLimited], Straightforward },
        { [ProblemKind.SelfLimited, ProblemKind.SelfLimited], Low },
        { [ProblemKind.StableChronic], Low },
        { [ProblemKind.AcuteUncomplicated], Low },
        { [ProblemKind.StableAcute], Low },
        { [ProblemKind.AcuteUncomplicatedHospital], Low },
        { [ProblemKind.StableChronic, ProblemKind.SelfLimited], Low },
        { [ProblemKind.StableChronic, ProblemKind.AcuteUncomplicated], Low },
        { [ProblemKind.StableChronic, ProblemKind.StableChronic], Moderate },
        { [ProblemKind.StableChronic, ProblemKind.AcuteUncomplicated, ProblemKind.StableChronic], Moderate },
        { [ProblemKind.ChronicExacerbation], Moderate },
        { [ProblemKind.UndiagnosedNew], Moderate },
        { [ProblemKind.AcuteSystemic], Moderate },
        { [ProblemKind.AcuteComplicatedInjury], Moderate },
        { [ProblemKind.ChronicSevere], High },
        { [ProblemKind.ThreatToLife, ProblemKind.SelfLimited], High },
    };

    [Theory]
    [MemberData(nameof(Problems))]
    public void Problems_by_their_table(ProblemKind[] kinds, MdmLevel expected) =>
        Assert.Equal(expected, MedicalDecisionMaking.Problems([.. kinds.Select(k => new ProblemFact(k, null, "x", Nothing))]).Level);

    public static TheoryData<DataKind[], MdmLevel> Data => new()
    {
        { [], None },
        { [DataKind.TestOrder], Straightforward },
        { [DataKind.TestOrder, DataKind.TestOrder], Low },
        { [DataKind.ExternalNote, DataKind.TestResult], Low },
        { [DataKind.IndependentHistorian], Low },
        { [DataKind.IndependentHistorian, DataKind.TestOrder], Low },
        { [DataKind.IndependentHistorian, DataKind.TestOrder, DataKind.TestResult], Moderate },
        { [DataKind.TestOrder, DataKind.TestResult, DataKind.ExternalNote], Moderate },
        { [DataKind.IndependentInterpretation], Moderate },
        { [DataKind.Discussion], Moderate },
        { [DataKind.Discussion, DataKind.TestOrder, DataKind.TestOrder], Moderate },
        { [DataKind.Discussion, DataKind.IndependentInterpretation], High },
        { [DataKind.Discussion, DataKind.TestOrder, DataKind.TestOrder, DataKind.IndependentHistorian], High },
    };

    [Theory]
    [MemberData(nameof(Data))]
    public void Data_by_their_table(DataKind[] kinds, MdmLevel expected) =>
        Assert.Equal(expected, MedicalDecisionMaking.Data([.. kinds.Select((k, i) => new DataFact(k, $"{i}", "x", Confidence.Documented, Nothing))]).Level);

    [Fact]
    public void One_test_ordered_twice_is_one_item() =>
        Assert.Equal(Straightforward, MedicalDecisionMaking.Data([Order("85025"), Order("85025")]).Level);

    [Fact]
    public void What_is_inferred_raises_only_the_level_if_confirmed()
    {
        var data = MedicalDecisionMaking.Data([new(DataKind.Discussion, "text", "x", Confidence.Inferred, Nothing)]);
        var risk = MedicalDecisionMaking.Risk([new(RiskKind.ToxicityMonitoring, "x", Confidence.Inferred, Nothing), new(RiskKind.PrescriptionDrug, "x", Confidence.Documented, Nothing)]);
        var problems = MedicalDecisionMaking.Problems([new(ProblemKind.AcuteUncomplicated, ProblemKind.AcuteSystemic, "x", Nothing), new(null, ProblemKind.ThreatToLife, "x", Nothing)]);

        Assert.Equal((None, Moderate), (data.Level, data.IfConfirmed));
        Assert.Equal((Moderate, High), (risk.Level, risk.IfConfirmed));
        Assert.Equal((Low, High), (problems.Level, problems.IfConfirmed));
    }

    private static DataFact Order(string code) => new(DataKind.TestOrder, code, code, Confidence.Documented, Nothing);
}
