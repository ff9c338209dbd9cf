namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>One decision about treatment.</summary>
public sealed record RiskFact(RiskKind Kind, string Title, Confidence Confidence, Support Support);
