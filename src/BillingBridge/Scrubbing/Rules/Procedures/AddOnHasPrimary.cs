using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using FhirEmr.Terminology.CodeSystems;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-010: an add-on code goes with one of its primaries on the same day.</summary>
internal sealed class AddOnHasPrimary(EditTables edits) : IScrubRule
{
    public string Id => "PROC-010";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var day = line.From ?? claim.FirstServiceDate;
            var table = edits.AddOnsOn(day);
            var primaries = table?.Find(line.Code, day).Where(r => r.Type == 1).Select(r => r.Primary).ToList()
                ?? [.. ProcedureTraits.Of(line.Code)?.AddOnTo ?? []];
            if (primaries.Count > 0)
            {
                if (!Others(claim, line).Any(o => primaries.Contains(o.Code)))
                {
                    yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Add-on needs {string.Join(", ", primaries.Take(8))}: {line.Code} is not billed alone.").On(line).ByTable(table?.Edition);
                }
            }
            else if (edits.GlobalDays(line.Code, day) == "ZZZ")
            {
                if (Others(claim, line).All(o => edits.GlobalDays(o.Code, day) == "ZZZ"))
                    yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Add-on needs its primary procedure: {line.Code} is not billed alone.").On(line);
                else if (table is null)
                    yield return NotEvaluated(Id, "NCCI add-on codes", day);
            }
        }
    }

    private static IEnumerable<ScrubLine> Others(ClaimGraph claim, ScrubLine line) => claim.Lines.Where(l => l.Index != line.Index && l.From == line.From);
}
