using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Dates;

/// <summary>DAT-005: onset, accident and last-seen dates are not after the service.</summary>
internal sealed class HistoryDatesPrecedeService : IScrubRule
{
    public string Id => "DAT-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        string[] categories = [SupportingInfo.Onset, SupportingInfo.LastMenstrualPeriod, SupportingInfo.LastSeen, SupportingInfo.InitialTreatment];
        foreach (var (i, info) in claim.Claim.SupportingInfo.Index())
        {
            var day = DateOfService.From((info.Timing as Date)?.Value);
            if (info.Category.HasAny(categories) && day > claim.FirstServiceDate)
                yield return Reject(Id, IssueType.Value, $"Claim.supportingInfo[{i}].timing", $"Date after service: {DateOfService.Text(day.Value)}. Correct it.");
        }

        if (DateOfService.From(claim.Claim.Accident?.Date) > claim.FirstServiceDate)
            yield return Reject(Id, IssueType.Value, "Claim.accident.date", "Date after service: the accident is later than the visit. Correct it.");
    }
}
