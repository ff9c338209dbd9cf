using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-015: a service given at a distance is on the payer's telehealth list, by telephone only where that is allowed.</summary>
internal sealed class TelehealthIsListed(EditTables edits) : IScrubRule
{
    public string Id => "MOD-015";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Place is "02" or "10" || l.HasAny(claim.Payer.TelehealthModifiers)))
        {
            var day = line.From ?? claim.FirstServiceDate;
            if (edits.Table(TableNames.Telehealth) is not { } table)
            {
                yield return NotEvaluated(Id, TableNames.Telehealth, day);
                continue;
            }

            var payer = claim.Payor.PayerId();
            var rows = table.Find(line.Code, day).Where(r => r["payer"].Length == 0 || r["payer"] == payer).ToList();
            if (rows.Count == 0)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Not a telehealth service: {line.Code} is not on the list on {DateOfService.Text(day)}. Bill a code that is.").On(line).ByTable(table.Edition);
            else if (line.Has("93") && !rows.Exists(r => r["audio"] == "yes"))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Not a telehealth service by telephone: {line.Code} needs sight as well as sound. Remove 93, or bill a code that may be audio only.").On(line).ByTable(table.Edition);
        }
    }
}
