using System.Globalization;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-016: units on one day over the clinical value are documented (MAI 3).</summary>
internal sealed class DayUnitsAreLikely(EditTables edits) : IScrubRule
{
    public string Id => "PROC-016";

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

            if (table.Find(line.Code) is { AdjudicationIndicator: 3 } edit && claim.UnitsOnDay(line) > edit.Units)
                yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.quantity", string.Create(CultureInfo.InvariantCulture, $"Units over day limit: documentation needed for {claim.UnitsOnDay(line)} of {line.Code}, {edit.Units} are usual.")).On(line).ByTable(table.Edition);
        }
    }
}
