using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-015: an external cause is never first or alone.</summary>
internal sealed class ExternalCauseIsNotFirst : IScrubRule
{
    public string Id => "DX-015";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Diagnoses.Count > 0 && claim.Diagnoses[0].Between("V00", "Y99"))
            yield return Reject(Id, IssueType.BusinessRule, "Claim.diagnosis[0]", "External cause cannot be first: put the injury before it.");
    }
}
