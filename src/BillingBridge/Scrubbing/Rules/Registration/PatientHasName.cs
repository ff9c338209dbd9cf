using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-001: the patient has a family and a given name.</summary>
internal sealed class PatientHasName : IScrubRule
{
    public string Id => "PAT-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var name = PatientNames.Of(claim.Patient);
        if (string.IsNullOrWhiteSpace(name?.Family) || !name.Given.Any(g => !string.IsNullOrWhiteSpace(g)))
            yield return Reject(Id, IssueType.Required, "Claim.patient.resolve().name", "Patient name incomplete: enter family and given name.");
    }
}
