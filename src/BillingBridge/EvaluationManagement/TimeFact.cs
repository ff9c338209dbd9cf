namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>A statement of the clinician's own total time on the date of the visit, in minutes.</summary>
public sealed record TimeFact(int Minutes, Confidence Confidence, Support Support);
