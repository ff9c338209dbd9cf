using FhirEmr.Terminology;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-009: the diagnosis' side and the line's side modifier agree.</summary>
internal sealed class SideAgreesWithModifier(ITerminology terminology) : IScrubRule
{
    public string Id => "DX-009";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.HasAny(["LT", "RT", "50"])))
        {
            foreach (var diagnosis in claim.PointedBy(line))
            {
                var title = terminology.Find(CodeSystemUrls.Icd10Cm, diagnosis.Code, claim.FirstServiceDate)?.Display ?? "";
                var right = title.Contains("right", StringComparison.OrdinalIgnoreCase);
                var left = title.Contains("left", StringComparison.OrdinalIgnoreCase);
                if (right == left)
                    continue;
                if (line.Has(right ? "LT" : "RT"))
                    yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Side disagrees with {diagnosis.Code}: correct the modifier or the diagnosis.").On(line);
                else if (line.Has("50"))
                    yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Side disagrees with {diagnosis.Code}: a bilateral procedure for one side.").On(line);
            }
        }
    }
}
