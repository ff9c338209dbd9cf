using System.Globalization;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-015: units on one day stay under the absolute value (MAI 2).</summary>
internal sealed class DayUnitsAreAllowed(EditTables edits) : IScrubRule
{
    public string Id => "PROC-015";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var day = line.From ?? claim.FirstServiceDate;
            if (edits.MueOn(day) is not { } table)
            {
                yield return NotEvaluated(Id, "MUE", day);
                continue;
            }

            if (table.Find(line.Code) is { AdjudicationIndicator: 2 } edit && claim.UnitsOnDay(line) > edit.Units)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.quantity", string.Create(CultureInfo.InvariantCulture, $"Units over absolute day limit: {claim.UnitsOnDay(line)} of {line.Code}, {edit.Units} allowed. Correct the units.")).On(line).ByTable(table.Edition);
        }
    }
}
