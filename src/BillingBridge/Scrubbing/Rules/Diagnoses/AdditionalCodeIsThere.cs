using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-018: a diagnosis that asks for an additional code has it.</summary>
internal sealed class AdditionalCodeIsThere(EditTables edits) : IScrubRule
{
    private readonly DiagnosisNotes? notes = DiagnosisNotes.Of(edits);

    public string Id => "DX-018";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (notes is null)
        {
            yield return NotEvaluated(Id, TableNames.DiagnosisNotes, claim.FirstServiceDate);
            yield break;
        }

        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Plain.Length >= 3))
        {
            var wanted = notes.UseAdditional(diagnosis.Plain, claim.FirstServiceDate).Distinct().ToList();
            if (wanted.Count > 0 && !claim.Diagnoses.Any(d => d.Index != diagnosis.Index && wanted.Exists(w => d.Plain.StartsWith(w, StringComparison.Ordinal))))
            {
                yield return Warn(Id, IssueType.Incomplete, diagnosis.Path, $"Additional code expected: {diagnosis.Code} asks for {string.Join(" or ", wanted.Take(5))} beside it. Add it if it is documented.")
                    .With("code", diagnosis.Code).ByTable(notes.Edition);
            }
        }
    }
}
