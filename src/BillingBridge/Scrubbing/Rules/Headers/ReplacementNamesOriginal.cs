using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Headers;

/// <summary>HDR-004: a replacement or void names the payer's number of the original.</summary>
internal sealed class ReplacementNamesOriginal : IScrubRule
{
    public string Id => "HDR-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Claim.Frequency() is "7" or "8" && !claim.Claim.Related.Exists(r => r.Reference?.Value is { Length: > 0 }))
            yield return Reject(Id, IssueType.Required, "Claim.related", "Original reference number missing: enter the payer's claim number, or send a new original.");
    }
}
