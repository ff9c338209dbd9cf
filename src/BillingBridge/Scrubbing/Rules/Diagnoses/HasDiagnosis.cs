using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-001: there is a diagnosis.</summary>
internal sealed class HasDiagnosis : IScrubRule
{
    public string Id => "DX-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Diagnoses.Count == 0 || claim.Diagnoses.All(d => d.Code.Length == 0))
            yield return Reject(Id, IssueType.Required, "Claim.diagnosis", "Diagnosis missing: enter the condition that was treated.");
    }
}
