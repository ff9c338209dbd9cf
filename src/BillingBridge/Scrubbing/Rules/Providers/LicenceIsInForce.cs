using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-010: the rendering clinician's licence is in force, in the state of the service.</summary>
internal sealed class LicenceIsInForce : IScrubRule
{
    public string Id => "PRV-010";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var licences = claim.Rendering?.Qualification.Where(q => q.Identifier.Count > 0).ToList() ?? [];
        if (licences.Count == 0)
            yield break; // the practice keeps no licences here
        var inForce = licences.Where(q => q.Period is not { } period || CoverageOrder.Covers(period, claim.FirstServiceDate)).ToList();
        var state = UsStates.Code(claim.Chart.Find<Location>(claim.Claim.Facility)?.Address?.State ?? claim.BillingOrganization?.Address.FirstOrDefault()?.State);
        var states = inForce.Select(q => UsStates.Code(claim.Chart.Find<Organization>(q.Issuer)?.Address.FirstOrDefault()?.State ?? q.Issuer?.Display)).ToList();
        if (inForce.Count == 0)
            yield return Warn(Id, IssueType.BusinessRule, "Claim.careTeam", $"Licence expired: none of the rendering clinician's is in force on {DateOfService.Text(claim.FirstServiceDate)}. Enter the renewal.");
        else if (state is not null && states.TrueForAll(s => s is not null && s != state))
            yield return Warn(Id, IssueType.BusinessRule, "Claim.careTeam", $"Licence of another state: the service was in {state}, the licences are of {string.Join(", ", states.Distinct())}. Check that the clinician may practise there.").With("state", state);
    }
}
