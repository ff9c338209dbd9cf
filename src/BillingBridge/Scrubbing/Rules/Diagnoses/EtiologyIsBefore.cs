using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-014: a manifestation has its underlying disease before it.</summary>
internal sealed class EtiologyIsBefore(EditTables edits) : IScrubRule
{
    private readonly DiagnosisNotes? notes = DiagnosisNotes.Of(edits);

    public string Id => "DX-014";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (notes is null)
        {
            yield return NotEvaluated(Id, TableNames.DiagnosisNotes, claim.FirstServiceDate);
            yield break;
        }

        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Plain.Length >= 3))
        {
            var causes = notes.CodeFirst(diagnosis.Plain, claim.FirstServiceDate).Distinct().ToList();
            if (causes.Count > 0 && !claim.Diagnoses.Any(d => d.Index < diagnosis.Index && causes.Exists(c => d.Plain.StartsWith(c, StringComparison.Ordinal))))
            {
                yield return Reject(Id, IssueType.BusinessRule, diagnosis.Path, $"Code first underlying disease: {diagnosis.Code} needs one of {string.Join(", ", causes.Take(5))} before it.")
                    .With("code", diagnosis.Code).ByTable(notes.Edition);
            }
        }
    }
}
