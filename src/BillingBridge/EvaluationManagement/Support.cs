namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>The resource that a fact stands on, and why it counts or does not.</summary>
/// <param name="Reference">Relative reference, e.g. <c>ServiceRequest/12</c>.</param>
/// <param name="Why">One sentence for the reader.</param>
public sealed record Support(string Reference, string Why);
