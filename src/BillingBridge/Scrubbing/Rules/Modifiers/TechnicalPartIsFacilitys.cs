using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-010: in a facility the clinician bills the professional component only.</summary>
internal sealed class TechnicalPartIsFacilitys(EditTables edits) : IScrubRule
{
    public string Id => "MOD-010";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (edits.FeesOn(claim.FirstServiceDate) is not { } fees)
        {
            yield return NotEvaluated(Id, "physician fee schedule", claim.FirstServiceDate);
            yield break;
        }

        foreach (var line in claim.Lines.Where(l => !l.Has("26") && PlacesOfService.IsEquipped(l.Place)))
        {
            if (fees.Find(line.Code)?.Components == "1")
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Facility owns technical part: {line.Code} in POS {line.Place} needs 26{(line.Has("TC") ? " instead of TC" : "")}.").On(line).ByTable(fees.Edition);
        }
    }
}
