using FhirEmr.BillingBridge.Charges;
using FhirEmr.Terminology;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-003: each code is in the ICD-10-CM release in force on the day.</summary>
internal sealed class CodeIsInRelease(ITerminology terminology) : IScrubRule
{
    public string Id => "DX-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Code.Length > 0))
        {
            if (terminology.Find(CodeSystemUrls.Icd10Cm, diagnosis.Code, claim.FirstServiceDate) is not null)
                continue;
            if (terminology.StateOf(CodeSystemUrls.Icd10Cm, claim.FirstServiceDate) == TableState.Complete)
            {
                yield return Reject(Id, IssueType.CodeInvalid, diagnosis.Path, $"{diagnosis.Code} not valid on {DateOfService.Text(claim.FirstServiceDate)}: choose a code of that year's release.")
                    .With("code", diagnosis.Code);
            }
            else
            {
                yield return NotEvaluated(Id, "ICD-10-CM", claim.FirstServiceDate);
            }
        }
    }
}
