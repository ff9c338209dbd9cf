using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-012: no two diagnoses exclude each other (Excludes1).</summary>
internal sealed class DiagnosesDoNotExclude(EditTables edits) : IScrubRule
{
    private readonly DiagnosisNotes? notes = DiagnosisNotes.Of(edits);

    public string Id => "DX-012";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (notes is null)
        {
            yield return NotEvaluated(Id, TableNames.DiagnosisNotes, claim.FirstServiceDate);
            yield break;
        }

        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Plain.Length >= 3))
        {
            foreach (var prefix in notes.Excluded(diagnosis.Plain, claim.FirstServiceDate).Distinct())
            {
                if (claim.Diagnoses.FirstOrDefault(d => d.Index != diagnosis.Index && d.Plain.StartsWith(prefix, StringComparison.Ordinal)) is not { } other)
                    continue;
                if (other.Index < diagnosis.Index && notes.Excluded(other.Plain, claim.FirstServiceDate).Any(p => diagnosis.Plain.StartsWith(p, StringComparison.Ordinal)))
                    continue; // said from the other side already
                var text = $"{diagnosis.Code} excludes {other.Code}: the two cannot be together. Keep the one that is documented.";
                var apart = claim.Lines.Any(l => l.Pointers.Contains(diagnosis.Sequence)) && claim.Lines.Any(l => l.Pointers.Contains(other.Sequence))
                    && !claim.Lines.Any(l => l.Pointers.Contains(diagnosis.Sequence) && l.Pointers.Contains(other.Sequence));
                yield return (apart ? Warn(Id, IssueType.BusinessRule, other.Path, text) : Reject(Id, IssueType.BusinessRule, other.Path, text))
                    .With("code", diagnosis.Code).With("excluded", other.Code).ByTable(notes.Edition);
            }
        }
    }
}
