using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-004: the coverage has a member id.</summary>
internal sealed class MemberIdIsThere : IScrubRule
{
    public string Id => "COV-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is { } coverage && string.IsNullOrWhiteSpace(coverage.SubscriberId))
        {
            yield return Reject(Id, IssueType.Required, $"{claim.FocalPath}.coverage.resolve().subscriberId",
                "Member id missing: enter it from the insurance card.");
        }
    }
}
