namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>What a problem addressed was, in the rows of the problems table (billing spec 4.1), least first.</summary>
public enum ProblemKind
{
    SelfLimited,
    StableChronic,
    AcuteUncomplicated,
    StableAcute,
    AcuteUncomplicatedHospital,
    ChronicExacerbation,
    UndiagnosedNew,
    AcuteSystemic,
    AcuteComplicatedInjury,
    ChronicSevere,
    ThreatToLife,
}
