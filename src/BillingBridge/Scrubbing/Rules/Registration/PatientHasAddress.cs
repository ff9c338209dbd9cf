using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-005: the patient has a whole address.</summary>
internal sealed class PatientHasAddress : IScrubRule
{
    public string Id => "PAT-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var address = claim.Patient.Address.FirstOrDefault();
        var missing = new List<string>();
        if (!(address?.Line.Any(l => !string.IsNullOrWhiteSpace(l)) ?? false))
            missing.Add("line");
        if (string.IsNullOrWhiteSpace(address?.City))
            missing.Add("city");
        if (string.IsNullOrWhiteSpace(address?.State))
            missing.Add("state");
        if (string.IsNullOrWhiteSpace(address?.PostalCode))
            missing.Add("ZIP");
        if (missing.Count > 0)
        {
            yield return Reject(Id, IssueType.Required, "Claim.patient.resolve().address", $"Address incomplete: enter {string.Join(", ", missing)}.")
                .With("missing", string.Join(',', missing));
        }
    }
}
