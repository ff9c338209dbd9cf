using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DOC-004: the note is signed within three days of the service.</summary>
internal sealed class NoteIsTimely : IScrubRule
{
    public string Id => "DOC-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var last = claim.LastServiceDate;
        foreach (var note in claim.Chart.OfType<Composition>().Where(c => c.Encounter?.Reference == $"Encounter/{claim.Chart.Encounter.Id}"))
        {
            var signed = DateOfService.From(note.Attester.Find(a => a.Mode is Composition.CompositionAttestationMode.Professional or Composition.CompositionAttestationMode.Legal)?.Time ?? note.Date, claim.Zone);
            if (signed > last.AddDays(3))
                yield return Warn(Id, IssueType.BusinessRule, "Claim.item[0].encounter", $"Late note: signed {DateOfService.Text(signed.Value)}, serviced {DateOfService.Text(last)}.").From($"Composition/{note.Id}");
        }
    }
}
