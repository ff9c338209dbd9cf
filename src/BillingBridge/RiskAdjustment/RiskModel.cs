namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>The CMS-HCC models that pay.</summary>
public enum RiskModel
{
    V24,
    V28,
}
