using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Dates;

/// <summary>DAT-002: lines run forward and lie inside the encounter.</summary>
internal sealed class DatesAreInOrder : IScrubRule
{
    public string Id => "DAT-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var encounter = claim.Chart.Encounter.Period;
        var slack = claim.Lines.Any(l => l.Place is "21" or "51" or "61") ? 1 : 0;
        var start = DateOfService.From(encounter?.Start, claim.Zone)?.AddDays(-slack);
        var end = DateOfService.From(encounter?.End, claim.Zone)?.AddDays(slack);
        foreach (var line in claim.Lines)
        {
            if (line.To < line.From)
                yield return Reject(Id, IssueType.Value, $"{line.Path}.serviced", "Dates out of order: the end is before the start.").On(line);
            else if (line.From < start || line.To > end)
                yield return Reject(Id, IssueType.Value, $"{line.Path}.serviced", "Dates out of order: the service is outside its encounter.").On(line);
        }
    }
}
