using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-009: a line is the professional or the technical component of a code that has one, not both.</summary>
internal sealed class ComponentIsOne(EditTables edits) : IScrubRule
{
    public string Id => "MOD-009";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.HasAny(["26", "TC"])))
        {
            if (line.Has("26") && line.Has("TC"))
            {
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "Component modifier: 26 and TC exclude each other; bill the whole service without either.").On(line);
                continue;
            }

            if (edits.FeesOn(claim.FirstServiceDate) is not { } fees)
                yield return NotEvaluated(Id, "physician fee schedule", claim.FirstServiceDate);
            else if (fees.Find(line.Code)?.Components is { Length: 1 } indicator && indicator != "1" && !(indicator == "6" && line.Has("26")))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Component modifier: {line.Code} has no {(line.Has("26") ? "professional" : "technical")} component (PC/TC indicator {indicator}). Remove {(line.Has("26") ? "26" : "TC")}.").On(line).With("indicator", indicator).ByTable(fees.Edition);
        }
    }
}
