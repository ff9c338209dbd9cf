using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-012: a student, resident or scribe does not render a service alone.</summary>
internal sealed class TraineeIsSupervised : IScrubRule
{
    public string Id => "PRV-012";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Rendering is { } rendering && Trainees.Is(claim, rendering) && !claim.Claim.Team(CareTeamRoles.Supervising).Any())
            yield return Reject(Id, IssueType.BusinessRule, "Claim.careTeam", "Supervising provider missing: the rendering clinician is in training. Name the teaching physician as rendering or supervising.");
    }
}
