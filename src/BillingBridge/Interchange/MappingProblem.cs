namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Why a claim cannot be written as an 837P.</summary>
/// <param name="Expression">FHIRPath of the element to mend.</param>
/// <param name="Message">What is missing or wrong, for a person.</param>
public sealed record MappingProblem(string Expression, string Message);
