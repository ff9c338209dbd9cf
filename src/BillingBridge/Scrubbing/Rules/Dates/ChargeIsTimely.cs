using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Dates;

/// <summary>DAT-008: the claim is made within three business days.</summary>
internal sealed class ChargeIsTimely : IScrubRule
{
    public string Id => "DAT-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var businessDays = 0;
        for (var day = claim.LastServiceDate; day < claim.Created && businessDays <= 3; day = day.AddDays(1))
        {
            if (day.AddDays(1).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
                businessDays++;
        }

        if (businessDays > 3)
            yield return Warn(Id, IssueType.BusinessRule, "Claim.created", $"Late charge: serviced {DateOfService.Text(claim.LastServiceDate)}, billed {DateOfService.Text(claim.Created)}.");
    }
}
