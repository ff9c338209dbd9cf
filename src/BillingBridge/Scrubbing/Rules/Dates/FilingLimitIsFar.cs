using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Dates;

/// <summary>DAT-004: there are two weeks left to file.</summary>
internal sealed class FilingLimitIsFar : IScrubRule
{
    public string Id => "DAT-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var limit = claim.FilingLimit;
        if (claim.Coverage is not null && claim.Created <= limit && limit.DayNumber - claim.Created.DayNumber < 14)
            yield return Warn(Id, IssueType.BusinessRule, "Claim.created", $"Filing limit {DateOfService.Text(limit)}: send it now.").With("limit", DateOfService.Text(limit));
    }
}
