namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>The kinds of risk as the codes a clinician confirms them with, and the level each reaches.</summary>
internal static class RiskKinds
{
    private static readonly (RiskKind Kind, string Code, MdmLevel Level, string Text)[] Rows =
    [
        (RiskKind.NoTreatment, "no-treatment", MdmLevel.Straightforward, "rest, dressing or no treatment"),
        (RiskKind.OverTheCounterDrug, "otc-drug", MdmLevel.Low, "over-the-counter drug"),
        (RiskKind.MinorSurgery, "minor-surgery", MdmLevel.Low, "minor surgery without risk factors"),
        (RiskKind.PhysicalTherapy, "therapy", MdmLevel.Low, "physical or occupational therapy"),
        (RiskKind.PrescriptionDrug, "prescription-drug", MdmLevel.Moderate, "prescription drug management"),
        (RiskKind.MinorSurgeryWithRiskFactors, "minor-surgery-risk-factors", MdmLevel.Moderate, "minor surgery with patient or procedure risk factors"),
        (RiskKind.MajorSurgery, "major-surgery", MdmLevel.Moderate, "elective major surgery without risk factors"),
        (RiskKind.SocialDeterminants, "social-determinants", MdmLevel.Moderate, "diagnosis or treatment limited by social determinants of health"),
        (RiskKind.ToxicityMonitoring, "toxicity-monitoring", MdmLevel.High, "drug therapy needing intensive monitoring for toxicity"),
        (RiskKind.MajorSurgeryWithRiskFactors, "major-surgery-risk-factors", MdmLevel.High, "elective major surgery with risk factors"),
        (RiskKind.EmergencyMajorSurgery, "emergency-major-surgery", MdmLevel.High, "emergency major surgery"),
        (RiskKind.Hospitalisation, "hospitalisation", MdmLevel.High, "hospitalisation or escalation of hospital care"),
        (RiskKind.DeEscalation, "de-escalation", MdmLevel.High, "do-not-resuscitate or de-escalation for poor prognosis"),
        (RiskKind.ParenteralControlledSubstance, "parenteral-controlled-substance", MdmLevel.High, "parenteral controlled substance"),
    ];

    public static IEnumerable<string> Codes => Rows.Select(r => r.Code);

    public static RiskKind? Parse(string? code) => Rows.Where(r => r.Code == code).Select(r => (RiskKind?)r.Kind).FirstOrDefault();

    public static MdmLevel LevelOf(RiskKind kind) => Row(kind).Level;

    public static string CodeOf(RiskKind kind) => Row(kind).Code;

    public static string TextOf(RiskKind kind) => Row(kind).Text;

    private static (RiskKind Kind, string Code, MdmLevel Level, string Text) Row(RiskKind kind) => Rows.Single(r => r.Kind == kind);
}
