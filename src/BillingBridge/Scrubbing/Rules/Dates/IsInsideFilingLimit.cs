using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Dates;

/// <summary>DAT-003: the claim can reach the payer in time.</summary>
/// <remarks>A corrected claim has a limit of its own, which runs from the remittance it corrects.</remarks>
internal sealed class IsInsideFilingLimit : IScrubRule
{
    public string Id => "DAT-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var limit = claim.FilingLimit;
        if (claim.Coverage is not null && claim.Created > limit)
        {
            yield return Reject(Id, IssueType.BusinessRule, "Claim.created",
                    $"Past timely filing limit {DateOfService.Text(limit)} of {claim.PayerName}: send proof of timely filing with an appeal, or write it off.")
                .With("limit", DateOfService.Text(limit)).With("created", DateOfService.Text(claim.Created));
        }
    }
}
