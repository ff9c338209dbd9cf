using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-009: Medicare members are always the subscriber.</summary>
internal sealed class MedicareMemberIsSubscriber : IScrubRule
{
    public string Id => "COV-009";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is { Relationship: { } relationship } && claim.Payer.Family == PayerFamily.Medicare && !relationship.HasAny("self"))
        {
            yield return Reject(Id, IssueType.BusinessRule, $"{claim.FocalPath}.coverage.resolve().relationship",
                "Medicare members are always the subscriber: set the relationship to self.");
        }
    }
}
