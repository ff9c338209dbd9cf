using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-008: the patient is not older than 115.</summary>
internal sealed class AgeIsPlausible : IScrubRule
{
    public string Id => "PAT-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Facts.AgeYears is > 115 and var age)
            yield return Warn(Id, IssueType.Value, "Claim.patient.resolve().birthDate", $"Implausible age {age}: check the birth date.").With("age", $"{age}");
    }
}
