using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DOC-003: the rendering clinician wrote or attested a signed note.</summary>
internal sealed class NoteIsOfRendering : IScrubRule
{
    public string Id => "DOC-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var notes = claim.Notes().ToList();
        if (notes.Count == 0)
        {
            if (!claim.HasForeignNotes())
                yield return Warn(Id, IssueType.Incomplete, "Claim.item[0].encounter", "No signed note: the record has none for this encounter. Write it, or make sure that it is kept elsewhere.");
            yield break;
        }

        // Without any signature it is HDR-007 that holds the claim.
        var rendering = claim.Claim.Team(CareTeamRoles.Rendering).FirstOrDefault()?.Provider?.Reference;
        var signed = notes.Where(n => n.Status is CompositionStatus.Final or CompositionStatus.Amended).ToList();
        if (rendering is not null && signed.Count > 0 && !signed.Exists(n => n.Author.Exists(a => a.Reference == rendering) || n.Attester.Exists(a => a.Party?.Reference == rendering)))
            yield return Reject(Id, IssueType.BusinessRule, "Claim.item[0].encounter", "No signed note of the rendering clinician: have it signed or attested, or name who wrote it as rendering.").With("rendering", rendering).From(signed.Select(n => $"Composition/{n.Id}"));
    }
}
