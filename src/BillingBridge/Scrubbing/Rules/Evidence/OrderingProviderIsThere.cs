using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>AUT-005: laboratory, imaging, supplies and therapy name who ordered them.</summary>
internal sealed class OrderingProviderIsThere : IScrubRule
{
    public string Id => "AUT-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Claim.Team(CareTeamRoles.Ordering).Any() || claim.Claim.Team(CareTeamRoles.Referring).Any())
            yield break;

        foreach (var line in claim.Lines.Where(l => l.Code.Length > 0 && ClaimParties.NeedsOrdering(l.Code)))
            yield return Reject(Id, IssueType.Required, "Claim.careTeam", $"Ordering provider missing for {line.Code}: name who ordered it.").On(line);
    }
}
