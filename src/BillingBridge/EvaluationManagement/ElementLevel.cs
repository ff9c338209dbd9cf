namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>One element of MDM: what is documented, and what it would be once the inferred facts are confirmed.</summary>
/// <param name="Why">The rule that was met, in a sentence.</param>
public sealed record ElementLevel(MdmLevel Level, MdmLevel IfConfirmed, string Why);
