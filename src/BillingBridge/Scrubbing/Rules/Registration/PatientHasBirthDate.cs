using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-002: the patient has a birth date.</summary>
internal sealed class PatientHasBirthDate : IScrubRule
{
    public string Id => "PAT-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (DateOfService.From(claim.Patient.BirthDate) is null)
            yield return Reject(Id, IssueType.Required, "Claim.patient.resolve().birthDate", "Birth date missing: enter the full date.");
    }
}
