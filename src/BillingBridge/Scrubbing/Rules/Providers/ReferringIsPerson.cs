using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-007: the referring provider is a person.</summary>
internal sealed class ReferringIsPerson : IScrubRule
{
    public string Id => "PRV-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var (i, member) in claim.Claim.CareTeam.Index())
        {
            if (member.Role.HasAny(CareTeamRoles.Referring) && claim.Chart.Find<Organization>(member.Provider) is not null)
                yield return Reject(Id, IssueType.BusinessRule, $"Claim.careTeam[{i}]", "Referring provider must be a person: name the clinician, not the practice.");
        }
    }
}
