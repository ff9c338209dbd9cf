using FhirEmr.BillingBridge.Ports;

namespace FhirEmr.BillingBridge.Interchange.Import;

/// <summary>A received claim as one transaction: the claim and whatever of its parties is not in the store.</summary>
/// <param name="ClaimUrl">Its address in the transaction.</param>
/// <param name="Kept">Segments that have no element in FHIR, kept as they came: loop and segment.</param>
internal sealed record ImportedClaim(FhirTransaction Transaction, string ClaimUrl, Hl7.Fhir.Model.Claim Claim, IReadOnlyList<string> Kept);
