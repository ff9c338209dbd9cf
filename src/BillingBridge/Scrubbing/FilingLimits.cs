using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Until when a claim may reach its payer (billing spec DAT-003).</summary>
internal static class FilingLimits
{
    /// <summary>From the last service; for a corrected claim from the last remittance of the claim it corrects, where that is known.</summary>
    public static DateOnly Of(ClaimGraph claim)
    {
        var first = claim.Payer.FilingLimit(claim.LastServiceDate);
        if (claim.Claim.Frequency() is not ("7" or "8"))
            return first;
        var remitted = claim.History.OriginalAnswers.Select(a => DateOfService.From(a.Payment?.Date ?? a.Created)).Max();
        return remitted?.AddDays(claim.Payer.CorrectedFilingDays) ?? first;
    }
}
