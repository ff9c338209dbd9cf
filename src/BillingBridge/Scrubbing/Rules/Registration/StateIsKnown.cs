using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-007: a US address names a state, territory or military code; full names are understood.</summary>
internal sealed class StateIsKnown : IScrubRule
{
    public string Id => "PAT-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Patient.Address.FirstOrDefault() is { State: { Length: > 0 } state } address
            && address.Country is null or "" or "US" or "USA" or "United States"
            && UsStates.Code(state) is null)
        {
            yield return Reject(Id, IssueType.CodeInvalid, "Claim.patient.resolve().address.state", $"Not a state: '{state}'. Use the two-letter code.")
                .With("state", state);
        }
    }
}
