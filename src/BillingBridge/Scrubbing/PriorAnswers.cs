using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>The earlier payers' answers that a secondary claim carries.</summary>
internal static class PriorAnswers
{
    /// <summary>Index in <c>Claim.insurance</c>, the insurance, and its ClaimResponse where it is known.</summary>
    public static IEnumerable<(int Index, Claim.InsuranceComponent Insurance, ClaimResponse Response)> Of(ClaimGraph claim)
    {
        foreach (var (i, insurance) in claim.Claim.Insurance.Index())
        {
            if (insurance.Focal != true && claim.History.Responses.FirstOrDefault(r => insurance.ClaimResponse?.Reference == $"ClaimResponse/{r.Id}") is { } response)
                yield return (i, insurance, response);
        }
    }
}
