using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>AUT-004: a plan with a gatekeeper gets the referral number.</summary>
internal sealed class ReferralIsThere : IScrubRule
{
    public string Id => "AUT-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is not null && claim.Payer.ReferralRequired && !claim.Claim.Info(SupportingInfo.Referral).Any())
            yield return Reject(Id, IssueType.Required, "Claim.supportingInfo", $"Referral missing: {claim.PayerName} wants a referral number.");
    }
}
