using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-006: a referring or ordering provider that is named has a valid NPI.</summary>
internal sealed class ReferringNpiIsValid : IScrubRule
{
    public string Id => "PRV-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var (i, member) in claim.Claim.CareTeam.Index())
        {
            if (!member.Role.HasAny(CareTeamRoles.Referring, CareTeamRoles.Ordering) || claim.Chart.Find<Practitioner>(member.Provider) is not { } person)
                continue;
            var npi = ProviderIdentity.Npi(person);
            if (!Npi.IsValid(npi))
            {
                yield return Reject(Id, IssueType.Value, $"Claim.careTeam[{i}]",
                        $"Referring provider missing a valid NPI ({npi ?? "none"}): enter it as registered.")
                    .With("npi", npi);
            }
        }
    }
}
