using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Denials;

/// <summary>A payer's answer to one claim, as far as denials are concerned.</summary>
/// <param name="Claim">The claim answered, in the stage it had before.</param>
/// <param name="ResponseReference">The ClaimResponse, or its urn:uuid.</param>
/// <param name="Key">Idempotency key of the answer.</param>
/// <param name="Payment">The payment in words: payer and trace number.</param>
/// <param name="RemittedOn">Day of the remittance; null when the file does not say.</param>
/// <param name="Denials">What was denied.</param>
/// <param name="Items">Claim.item.sequence behind each line of the remittance; null for a line that is not ours.</param>
/// <param name="Answers">What was answered, line by line.</param>
internal sealed record DeniedClaim(
    Claim Claim,
    string ResponseReference,
    string Key,
    string Payment,
    DateOnly? RemittedOn,
    IReadOnlyList<Denial> Denials,
    IReadOnlyList<int?> Items,
    IReadOnlyList<LineAnswer> Answers);
