using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-016: 24, 58, 78 and 79 are for the time after an operation.</summary>
internal sealed class GlobalPeriodIsOpen(EditTables edits) : IScrubRule
{
    public string Id => "MOD-016";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.HasAny(["24", "58", "78", "79"])))
        {
            if (line.From is { } day && OpenGlobalPeriods.Find(claim, day, edits) is null && !claim.Lines.Any(o => o.Index != line.Index && o.From == day && edits.GlobalDays(o.Code, day) is "010" or "090"))
            {
                var modifier = line.Modifiers.First(m => m is "24" or "58" or "78" or "79");
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"No global period: {modifier} on {line.Code}, but no operation of this practice in the days before. Remove the modifier.").On(line).With("modifier", modifier);
            }
        }
    }
}
