using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Headers;

/// <summary>HDR-007: the encounter is finished and its note is signed.</summary>
internal sealed class NoteIsSigned : IScrubRule
{
    public string Id => "HDR-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Chart.Encounter.Status != Encounter.EncounterStatus.Finished)
        {
            yield return Reject(Id, IssueType.BusinessRule, "Claim.item[0].encounter", "Note not signed: the encounter is not finished.");
            yield break;
        }

        var notes = claim.Chart.OfType<Composition>().Where(c => c.Encounter?.Reference == $"Encounter/{claim.Chart.Encounter.Id}").ToList();
        if (notes.Count > 0 && !notes.Exists(n => n.Status is CompositionStatus.Final or CompositionStatus.Amended))
            yield return Reject(Id, IssueType.BusinessRule, "Claim.item[0].encounter", "Note not signed: sign the encounter's note.");
    }
}
