namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>Which rule decides whether the diagnoses of a claim count.</summary>
public enum ServiceKind
{
    Professional,
    Institutional,
}
