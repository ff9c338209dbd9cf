using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-006: 57 marks the visit that decides on major surgery, and only that.</summary>
internal sealed class SurgeryDecisionIsMarked(EditTables edits) : IScrubRule
{
    public string Id => "MOD-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsEvaluationAndManagement(l.Code)))
        {
            var sameDay = claim.Lines.Where(o => o.From == line.From).ToList();
            var major = sameDay.Find(o => edits.GlobalDays(o.Code, claim.FirstServiceDate) == "090");
            if (line.Has("57") && major is null && sameDay.Exists(o => edits.GlobalDays(o.Code, claim.FirstServiceDate) is "000" or "010"))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "57 is for major surgery: use 25 with a minor procedure.").On(line);
            else if (major is not null && !line.HasAny(["57", "25", "24"]))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"57 missing: {line.Code} on the day of {major.Code}. Add it if the visit decided on the surgery.").On(line);
        }
    }
}
