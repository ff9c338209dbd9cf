using System.Globalization;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-014: units on one line stay under the medically unlikely value (MAI 1).</summary>
internal sealed class LineUnitsAreLikely(EditTables edits) : IScrubRule
{
    public string Id => "PROC-014";

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

            if (table.Find(line.Code) is { AdjudicationIndicator: 1 } edit && line.Units > edit.Units)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.quantity", string.Create(CultureInfo.InvariantCulture, $"Units {line.Units} over line limit {edit.Units} for {line.Code}: split the line with a modifier if it is right.")).On(line).ByTable(table.Edition);
        }
    }
}
