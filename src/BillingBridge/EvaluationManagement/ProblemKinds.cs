namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>The kinds of problem as the codes a clinician confirms them with, and the level one such problem reaches.</summary>
internal static class ProblemKinds
{
    private static readonly (ProblemKind Kind, string Code, MdmLevel Level, string Text)[] Rows =
    [
        (ProblemKind.SelfLimited, "self-limited", MdmLevel.Straightforward, "self-limited or minor problem"),
        (ProblemKind.StableChronic, "stable-chronic", MdmLevel.Low, "stable chronic illness"),
        (ProblemKind.AcuteUncomplicated, "acute-uncomplicated", MdmLevel.Low, "acute uncomplicated illness or injury"),
        (ProblemKind.StableAcute, "stable-acute", MdmLevel.Low, "stable acute illness"),
        (ProblemKind.AcuteUncomplicatedHospital, "acute-uncomplicated-hospital", MdmLevel.Low, "acute uncomplicated problem needing hospital or observation care"),
        (ProblemKind.ChronicExacerbation, "chronic-exacerbation", MdmLevel.Moderate, "chronic illness with exacerbation, progression or side effects of treatment"),
        (ProblemKind.UndiagnosedNew, "undiagnosed-new", MdmLevel.Moderate, "undiagnosed new problem with uncertain prognosis"),
        (ProblemKind.AcuteSystemic, "acute-systemic", MdmLevel.Moderate, "acute illness with systemic symptoms"),
        (ProblemKind.AcuteComplicatedInjury, "acute-complicated-injury", MdmLevel.Moderate, "acute complicated injury"),
        (ProblemKind.ChronicSevere, "chronic-severe", MdmLevel.High, "chronic illness with severe exacerbation, progression or side effects"),
        (ProblemKind.ThreatToLife, "threat-to-life", MdmLevel.High, "illness or injury threatening life or bodily function"),
    ];

    public static IEnumerable<string> Codes => Rows.Select(r => r.Code);

    public static ProblemKind? Parse(string? code) => Rows.Where(r => r.Code == code).Select(r => (ProblemKind?)r.Kind).FirstOrDefault();

    public static MdmLevel LevelOf(ProblemKind kind) => Row(kind).Level;

    public static string CodeOf(ProblemKind kind) => Row(kind).Code;

    public static string TextOf(ProblemKind kind) => Row(kind).Text;

    private static (ProblemKind Kind, string Code, MdmLevel Level, string Text) Row(ProblemKind kind) => Rows.Single(r => r.Kind == kind);
}
