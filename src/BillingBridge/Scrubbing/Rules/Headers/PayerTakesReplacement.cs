using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Headers;

/// <summary>HDR-005: the payer takes replacement claims.</summary>
internal sealed class PayerTakesReplacement : IScrubRule
{
    public string Id => "HDR-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Claim.Frequency() is "7" or "8" && !claim.Payer.AcceptsReplacement)
            yield return Reject(Id, IssueType.BusinessRule, "Claim.related", $"Payer takes no replacement claims: ask {claim.PayerName} for a reopening, or send a new original.");
    }
}
