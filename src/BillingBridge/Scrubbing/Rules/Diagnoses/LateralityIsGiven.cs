using FhirEmr.Terminology;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-008: the side is given where the code set has sides.</summary>
internal sealed class LateralityIsGiven(ITerminology terminology) : IScrubRule
{
    public string Id => "DX-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Plain.Length > 3))
        {
            var siblings = DiagnosisSiblings.Of(terminology, diagnosis, claim.FirstServiceDate);
            if (siblings is { IsUnspecified: true, HaveSides: true })
                yield return Warn(Id, IssueType.CodeInvalid, diagnosis.Path, $"Laterality unspecified: {diagnosis.Code} has codes for right and left.").With("code", diagnosis.Code);
        }
    }
}
