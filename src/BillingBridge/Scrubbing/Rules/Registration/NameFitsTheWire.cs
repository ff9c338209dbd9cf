using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-012: the name reaches the payer unchanged.</summary>
internal sealed class NameFitsTheWire : IScrubRule
{
    public string Id => "PAT-012";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var name = PatientNames.Of(claim.Patient);
        foreach (var part in (string?[])[name?.Family, .. name?.Given ?? []])
        {
            if (part is not null && part.Any(c => !char.IsAsciiLetter(c) && c is not (' ' or '-' or '\'' or '.')))
            {
                yield return Warn(Id, IssueType.Value, "Claim.patient.resolve().name",
                    $"Name will be changed for X12: '{part}'. Digits and accents are lost on the way; make sure the payer's file reads the same.");
            }
        }
    }
}
