using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-007: relationship and subscriber agree.</summary>
internal sealed class RelationshipFitsSubscriber : IScrubRule
{
    public string Id => "COV-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is not { } coverage)
            yield break;

        var path = $"{claim.FocalPath}.coverage.resolve().relationship";
        if (coverage.Relationship is null || coverage.Relationship.Coding.Count == 0)
        {
            yield return Reject(Id, IssueType.Required, path, "Relationship and subscriber disagree: the relationship is missing. Enter self, spouse, child or other.");
            yield break;
        }

        var isSelf = coverage.Relationship.HasAny("self");
        var subscriber = coverage.Subscriber?.Reference;
        if (isSelf && subscriber is not null && subscriber != coverage.Beneficiary?.Reference)
            yield return Reject(Id, IssueType.BusinessRule, path, "Relationship and subscriber disagree: 'self', but the subscriber is somebody else.");
        else if (!isSelf && subscriber is null)
            yield return Reject(Id, IssueType.BusinessRule, path, "Relationship and subscriber disagree: not 'self', but no subscriber is named.");
    }
}
