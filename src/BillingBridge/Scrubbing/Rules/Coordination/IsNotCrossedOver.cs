using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Coordination;

/// <summary>COB-003: the earlier payer has not already sent the claim on.</summary>
internal sealed class IsNotCrossedOver : IScrubRule
{
    public string Id => "COB-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var (i, insurance, response) in PriorAnswers.Of(claim))
        {
            if (response.GetExtensionValue<Code>(BillingUrls.ClaimStatusExtension)?.Value is "19" or "20" or "21")
                yield return Reject(Id, IssueType.Duplicate, $"Claim.insurance[{i}]", $"Already crossed over: payer {insurance.Sequence} processed and forwarded the claim (status {response.GetExtensionValue<Code>(BillingUrls.ClaimStatusExtension)!.Value}). Wait for {claim.PayerName}'s answer; do not send it again.").From($"ClaimResponse/{response.Id}");
        }
    }
}
