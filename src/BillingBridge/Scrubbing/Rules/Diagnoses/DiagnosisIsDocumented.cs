using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-023: every diagnosis comes from the chart.</summary>
internal sealed class DiagnosisIsDocumented : IScrubRule
{
    public string Id => "DX-023";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var charted = claim.Charges.Diagnoses.Select(d => ChargeDiagnosis.Plain(d.Code))
            .Concat(claim.Charges.Gaps.Where(g => g.Kind == CodingGapKind.DiagnosisOverflow).Select(g => ChargeDiagnosis.Plain(g.Code)))
            .ToHashSet();
        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Code.Length > 0 && !charted.Contains(d.Plain)))
            yield return Warn(Id, IssueType.BusinessRule, diagnosis.Path, $"Diagnosis not documented: no condition of the encounter gives {diagnosis.Code}.").With("code", diagnosis.Code);
    }
}
