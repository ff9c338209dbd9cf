namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>A code reported beside the visit, with its units.</summary>
public sealed record AddOnService(string Code, int Units, Support Support);
