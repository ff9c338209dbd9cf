using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-013: a manifestation is never first.</summary>
internal sealed class ManifestationIsNotFirst(ITerminology terminology, EditTables edits) : IScrubRule
{
    private readonly DiagnosisNotes? notes = DiagnosisNotes.Of(edits);

    public string Id => "DX-013";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var diagnosis in claim.Diagnoses)
        {
            var title = terminology.Find(CodeSystemUrls.Icd10Cm, diagnosis.Code, claim.FirstServiceDate)?.Display ?? "";
            if (!title.Contains("in diseases classified elsewhere", StringComparison.OrdinalIgnoreCase) && notes?.CodeFirst(diagnosis.Plain, claim.FirstServiceDate).Any() != true)
                continue;
            if (diagnosis.Index == 0 || claim.Lines.Any(l => l.Pointers.Count > 0 && l.Pointers[0] == diagnosis.Sequence))
                yield return Reject(Id, IssueType.BusinessRule, diagnosis.Path, $"{diagnosis.Code} may not be first: put the underlying disease before it.").With("code", diagnosis.Code);
        }
    }
}
