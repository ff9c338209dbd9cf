namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>What chose the code.</summary>
public enum LevelBasis
{
    MedicalDecisionMaking,
    TotalTime,

    /// <summary>Codes that neither chooses: staff visit, emergency without a physician, discharge of unknown time.</summary>
    Service,
}
