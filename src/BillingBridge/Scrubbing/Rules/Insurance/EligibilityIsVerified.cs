using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Insurance;

/// <summary>COV-010: the payer has said that the coverage is active, not long before the service.</summary>
internal sealed class EligibilityIsVerified : IScrubRule
{
    public string Id => "COV-010";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Coverage is null)
            yield break;
        var oldest = claim.FirstServiceDate.AddDays(-claim.Payer.EligibilityDays);
        if (!EligibilityAnswers.Of(claim).Any(r => EligibilityAnswers.SaysActive(r) == true && EligibilityAnswers.Day(r) >= oldest))
        {
            yield return Warn(Id, IssueType.Incomplete, claim.FocalPath, $"Eligibility not verified: no answer of {claim.PayerName} since {DateOfService.Text(oldest)} says that the coverage is active. Ask the payer.")
                .With("since", DateOfService.Text(oldest));
        }
    }
}
