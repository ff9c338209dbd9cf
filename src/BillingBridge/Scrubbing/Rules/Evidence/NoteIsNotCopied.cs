using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Evidence;

/// <summary>DOC-005: the note is not a copy of an earlier one on the patient.</summary>
/// <remarks>Billing spec 3.11: shingles of five words; how many of the new note's are in the old one. The words themselves stay out of the finding, which is read by people who may not read notes.</remarks>
internal sealed class NoteIsNotCopied(EditTables edits) : IScrubRule
{
    private readonly IReadOnlySet<string> templates = NoteText.Templates(edits);

    public string Id => "DOC-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var note in claim.Notes())
        {
            var text = NoteText.Of(note, templates);
            var fresh = Shingles.Of(text);
            if (fresh.Count < 50)
                continue; // too short to tell
            var day = DateOfService.From(note.Date) ?? claim.LastServiceDate;
            var earlier = claim.History.Notes
                .Where(n => n.Id != note.Id && n.Subject?.Reference == $"Patient/{claim.Patient.Id}" && n.Author.Exists(a => note.Author.Exists(b => b.Reference == a.Reference)))
                .Where(n => DateOfService.From(n.Date) is { } then && then <= day && then >= day.AddDays(-365))
                .OrderByDescending(n => n.Date, StringComparer.Ordinal).Take(5);
            foreach (var old in earlier)
            {
                var before = NoteText.Of(old, templates);
                var share = fresh.Containment(Shingles.Of(before));
                if (share < 0.80)
                    continue;
                var (run, added) = (Shingles.LongestRun(text, before), NoteText.Added(text, before));
                yield return Warn(Id, IssueType.BusinessRule, "Claim.item[0].encounter", string.Create(CultureInfo.InvariantCulture, $"Note {share:P0} identical to {old.Date}: {added.Count} sentence{(added.Count == 1 ? " is" : "s are")} new. Write what was found and done this time."))
                    .From($"Composition/{note.Id}").With("similarity", share.ToString("0.00", CultureInfo.InvariantCulture)).With("earlier", $"Composition/{old.Id}")
                    .With("longestRunWords", run.ToString(CultureInfo.InvariantCulture)).With("newSentences", added.Count.ToString(CultureInfo.InvariantCulture));
                break;
            }
        }
    }
}
