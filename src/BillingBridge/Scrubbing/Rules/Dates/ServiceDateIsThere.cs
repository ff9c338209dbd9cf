using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Dates;

/// <summary>DAT-001: every line has a date of service, not in the future.</summary>
internal sealed class ServiceDateIsThere : IScrubRule
{
    public string Id => "DAT-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (line.From is not { } day)
                yield return Reject(Id, IssueType.Required, $"{line.Path}.serviced", "Date of service missing: enter the day.").On(line);
            else if (day > claim.Created)
                yield return Reject(Id, IssueType.Value, $"{line.Path}.serviced", $"Date of service {DateOfService.Text(day)} is in the future: correct it.").On(line);
        }
    }
}
