using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;

/// <summary>AMT-009: the fee schedule has the code on the day.</summary>
internal sealed class CodeIsPriced : IScrubRule
{
    public string Id => "AMT-009";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (line.From is { } day && line.Code.Length > 0 && claim.Fees.Find(line.Code, line.Modifiers, day) is null)
                yield return Warn(Id, IssueType.NotFound, $"{line.Path}.productOrService", $"No price for {line.Code} on {DateOfService.Text(day)}: add it to the fee schedule.").On(line);
        }
    }
}
