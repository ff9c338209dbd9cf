using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Registration;

/// <summary>PAT-013: a patient under 18 has somebody who answers for the bill.</summary>
internal sealed class MinorHasGuarantor : IScrubRule
{
    public string Id => "PAT-013";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Facts.AgeYears is < 18 and >= 0 && !claim.Chart.OfType<RelatedPerson>().Any() && claim.Coverage?.Subscriber is null)
            yield return Warn(Id, IssueType.Incomplete, "Claim.patient", "Minor without guarantor: enter a parent as RelatedPerson.");
    }
}
