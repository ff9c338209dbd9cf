namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>Decisions about treatment, taken or considered, in the rows of the risk table (billing spec 4.1), least first.</summary>
public enum RiskKind
{
    NoTreatment,
    OverTheCounterDrug,
    MinorSurgery,
    PhysicalTherapy,
    PrescriptionDrug,
    MinorSurgeryWithRiskFactors,
    MajorSurgery,
    SocialDeterminants,
    ToxicityMonitoring,
    MajorSurgeryWithRiskFactors,
    EmergencyMajorSurgery,
    Hospitalisation,
    DeEscalation,
    ParenteralControlledSubstance,
}
