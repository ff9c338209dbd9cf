using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Dates;

/// <summary>DAT-006: an inpatient place has an admission date that fits the services.</summary>
internal sealed class AdmissionDateIsThere : IScrubRule
{
    public string Id => "DAT-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var stay = claim.Claim.Info(SupportingInfo.Hospitalized).FirstOrDefault()?.Timing as Period;
        var admitted = DateOfService.From(stay?.Start);
        if (admitted is null)
        {
            if (claim.Lines.Any(l => l.Place is "21" or "51" or "61"))
                yield return Reject(Id, IssueType.Required, "Claim.supportingInfo", "Admission date missing: an inpatient service needs it.");
            yield break;
        }

        if (admitted > claim.FirstServiceDate || DateOfService.From(stay?.End) < claim.FirstServiceDate)
            yield return Reject(Id, IssueType.Value, "Claim.supportingInfo", "Admission date: the stay does not include the service. Correct one of them.");
    }
}
