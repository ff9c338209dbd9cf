using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-014: a secondary claim waits for the payers before it.</summary>
internal sealed class PrimaryHasAnswered : IScrubRule
{
    public string Id => "COV-014";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Focal?.Sequence is not > 1)
            yield break;

        foreach (var earlier in claim.Claim.Insurance.Where(i => i.Sequence < claim.Focal.Sequence && i.ClaimResponse?.Reference is null && i.GetExtension(BillingUrls.NotCoveredExtension) is null))
        {
            yield return Reject(Id, IssueType.BusinessRule, "Claim.insurance", $"Primary not adjudicated: coverage {earlier.Sequence} has no ClaimResponse yet. Bill it first.")
                .With("sequence", $"{earlier.Sequence}");
        }
    }
}
