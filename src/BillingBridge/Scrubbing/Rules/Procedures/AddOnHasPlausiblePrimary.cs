using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-011: an add-on code whose primaries are not listed has some primary beside it.</summary>
internal sealed class AddOnHasPlausiblePrimary(EditTables edits) : IScrubRule
{
    public string Id => "PROC-011";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var day = line.From ?? claim.FirstServiceDate;
            if (edits.AddOnsOn(day) is not { } table || !table.Find(line.Code, day).Any(r => r.Type is 2 or 3))
                continue;
            if (!claim.Lines.Any(o => o.Index != line.Index && o.From == line.From && table.Find(o.Code, day).Count == 0))
                yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Add-on primary? {line.Code} stands alone.").On(line);
        }
    }
}
