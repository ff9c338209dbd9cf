using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-004: the patient has an administrative sex; X12 needs F, M or U.</summary>
internal sealed class PatientHasSex : IScrubRule
{
    public string Id => "PAT-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Patient.Gender is null)
            yield return Reject(Id, IssueType.Required, "Claim.patient.resolve().gender", "Sex missing: enter female, male or unknown.");
    }
}
