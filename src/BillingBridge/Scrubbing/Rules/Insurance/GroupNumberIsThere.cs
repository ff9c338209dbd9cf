using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-018: the group number is given when the payer wants it.</summary>
internal sealed class GroupNumberIsThere : IScrubRule
{
    public string Id => "COV-018";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is { } coverage && claim.Payer.GroupNumberRequired && !coverage.Class.Exists(c => c.Type.HasAny("group") && c.Value is { Length: > 0 }))
        {
            yield return Reject(Id, IssueType.Required, $"{claim.FocalPath}.coverage.resolve().class",
                $"Group number missing: {claim.PayerName} wants it; enter it as class 'group' of the coverage.");
        }
    }
}
