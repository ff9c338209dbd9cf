using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-011: 50 stands alone with one unit, on a code that can be bilateral.</summary>
internal sealed class BilateralIsWhole(EditTables edits) : IScrubRule
{
    public string Id => "MOD-011";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Has("50")))
        {
            if (line.HasAny(["RT", "LT"]) || line.Units != 1)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "Bilateral: 50 goes without RT or LT and with one unit.").On(line);
            if (edits.FeesOn(claim.FirstServiceDate) is not { } fees)
                yield return NotEvaluated(Id, "physician fee schedule", claim.FirstServiceDate);
            else if (fees.Find(line.Code)?.Bilateral is "0" or "2" or "9")
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Bilateral: {line.Code} does not take 50 (indicator {fees.Find(line.Code)!.Bilateral}). Remove it{(fees.Find(line.Code)!.Bilateral == "2" ? ": the code is bilateral already" : "")}.").On(line).ByTable(fees.Edition);
        }
    }
}
