using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>What the patient's record holds besides this encounter, gathered before the rules run.</summary>
/// <param name="Encounters">Other encounters of the patient.</param>
/// <param name="Claims">Our claims for the patient's other encounters, void ones left out.</param>
/// <param name="SameControlNumber">Other claims that carry this claim's control number.</param>
/// <param name="Responses">ClaimResponses that this claim's insurance names (earlier payers).</param>
public sealed record ClaimHistory(
    IReadOnlyList<Encounter> Encounters, IReadOnlyList<Claim> Claims, IReadOnlyList<Claim> SameControlNumber, IReadOnlyList<ClaimResponse> Responses)
{
    public static ClaimHistory Empty { get; } = new([], [], [], []);
}
