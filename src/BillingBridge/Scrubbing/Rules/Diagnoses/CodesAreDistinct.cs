using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-006: no code is there twice.</summary>
internal sealed class CodesAreDistinct : IScrubRule
{
    public string Id => "DX-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var seen = new HashSet<string>();
        foreach (var diagnosis in claim.Diagnoses.Where(d => d.Code.Length > 0))
        {
            if (!seen.Add(diagnosis.Plain))
                yield return Reject(Id, IssueType.Duplicate, diagnosis.Path, $"Repeated diagnosis {diagnosis.Code}: remove one.").With("code", diagnosis.Code);
        }
    }
}
