namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>How far a fact may be relied on.</summary>
public enum Confidence
{
    /// <summary>Recorded as such; it counts.</summary>
    Documented,

    /// <summary>Concluded from something else. It never raises the billed level until a clinician confirms it.</summary>
    Inferred,
}
