using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-004: a visit on the day of a minor procedure carries 25.</summary>
internal sealed class VisitBesideProcedureIsSeparate(EditTables edits) : IScrubRule
{
    public string Id => "MOD-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsEvaluationAndManagement(l.Code) && !l.HasAny(["25", "57"])))
        {
            if (claim.Lines.FirstOrDefault(o => o.From == line.From && edits.GlobalDays(o.Code, claim.FirstServiceDate) is "000" or "010") is { } procedure)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"25 missing: {line.Code} on the day of {procedure.Code}. Add it if the visit was separate, else drop the visit.").On(line);
        }
    }
}
