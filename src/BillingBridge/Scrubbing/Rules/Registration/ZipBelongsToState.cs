using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-006: the ZIP has five or nine digits and is used in the state.</summary>
internal sealed class ZipBelongsToState : IScrubRule
{
    public string Id => "PAT-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Patient.Address.FirstOrDefault() is not { PostalCode: { Length: > 0 } zip } address || UsStates.Code(address.State) is not { } state)
            yield break;

        var digits = zip.Replace("-", "", StringComparison.Ordinal).Trim();
        var isShaped = digits.Length is 5 or 9 && digits.All(char.IsAsciiDigit);
        if (!isShaped || !UsStates.HasZip(state, digits))
        {
            yield return Warn(Id, IssueType.Value, "Claim.patient.resolve().address.postalCode", $"ZIP {zip} does not belong to {state}: check both.")
                .With("zip", zip).With("state", state);
        }
    }
}
