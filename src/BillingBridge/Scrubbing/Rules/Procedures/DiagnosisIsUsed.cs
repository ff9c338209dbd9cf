using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-004: every diagnosis is pointed at.</summary>
internal sealed class DiagnosisIsUsed : IScrubRule
{
    public string Id => "PROC-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var diagnosis in claim.Diagnoses.Where(d => !claim.Lines.Any(l => l.Pointers.Contains(d.Sequence))))
            yield return Warn(Id, IssueType.BusinessRule, $"Claim.diagnosis[{diagnosis.Index}]", $"Diagnosis not used: no line points at {diagnosis.Code}.");
    }
}
