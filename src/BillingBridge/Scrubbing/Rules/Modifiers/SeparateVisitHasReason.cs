using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-005: a visit with 25 has a reason beyond the procedure's.</summary>
internal sealed class SeparateVisitHasReason(EditTables edits) : IScrubRule
{
    public string Id => "MOD-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Has("25") && l.Pointers.Count == 1))
        {
            if (claim.Lines.Any(o => o.From == line.From && edits.GlobalDays(o.Code, claim.FirstServiceDate) is "000" or "010" && o.Pointers.SequenceEqual(line.Pointers)))
                yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"25 not supported: {line.Code} has no diagnosis of its own beside the procedure.").On(line);
        }
    }
}
