using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DOC-006: assessment and plan were not pasted from another patient's note.</summary>
internal sealed class PlanIsNotCloned(EditTables edits) : IScrubRule
{
    private readonly IReadOnlySet<string> templates = NoteText.Templates(edits);

    public string Id => "DOC-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var note in claim.Notes())
        {
            var fresh = Shingles.Of(NoteText.Plan(note, templates));
            if (fresh.Count < 50)
                continue;
            var day = DateOfService.From(note.Date) ?? claim.LastServiceDate;
            var clone = claim.History.Notes.FirstOrDefault(n => n.Subject?.Reference != $"Patient/{claim.Patient.Id}"
                && n.Author.Exists(a => note.Author.Exists(b => b.Reference == a.Reference))
                && DateOfService.From(n.Date) is { } then && Math.Abs(then.DayNumber - day.DayNumber) <= 7
                && fresh.Containment(Shingles.Of(NoteText.Plan(n, templates))) >= 0.90);
            if (clone is not null)
                yield return Warn(Id, IssueType.BusinessRule, "Claim.item[0].encounter", $"Cloned text: assessment and plan are those of Composition/{clone.Id}, another patient's note of the same week. Write this patient's own.").From($"Composition/{note.Id}").With("other", $"Composition/{clone.Id}");
        }
    }
}
