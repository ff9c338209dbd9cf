using FhirEmr.Terminology;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-007: a specific code is used where a sibling is one.</summary>
internal sealed class CodeIsSpecific(ITerminology terminology) : IScrubRule
{
    public string Id => "DX-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Plain.Length > 3))
        {
            var siblings = DiagnosisSiblings.Of(terminology, diagnosis, claim.FirstServiceDate);
            if (siblings.IsUnspecified && !siblings.HaveSides && siblings.Specific.Count > 0)
                yield return Warn(Id, IssueType.CodeInvalid, diagnosis.Path, $"More specific code exists for {diagnosis.Code}, e.g. {siblings.Specific[0]}.").With("code", diagnosis.Code);
        }
    }
}
