using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-004: each code is a billable one, not a heading.</summary>
internal sealed class CodeIsBillable(ITerminology terminology) : IScrubRule
{
    public string Id => "DX-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Code.Length > 0))
        {
            if (terminology.Find(CodeSystemUrls.Icd10Cm, diagnosis.Code, claim.FirstServiceDate) is not { IsBillable: false } concept)
                continue;
            var children = terminology.Children(CodeSystemUrls.Icd10Cm, diagnosis.Code, claim.FirstServiceDate);
            if (children.Any(c => ChargeDiagnosis.Plain(c.Code).Length == 7))
                continue; // DX-005 says which character is missing
            var examples = string.Join(", ", children.Take(3).Select(c => c.Code));
            yield return Reject(Id, IssueType.CodeInvalid, diagnosis.Path, $"{diagnosis.Code} needs more characters, e.g. {examples}.").ByTable(concept.Edition);
        }
    }
}
