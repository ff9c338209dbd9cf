using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-021: two visits on one day are told apart by 25 or 27.</summary>
internal sealed class OneVisitADay(EditTables edits) : IScrubRule
{
    public string Id => "PROC-021";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var visits = claim.Lines.Where(l => CodeFacts.IsEvaluationAndManagement(l.Code) && edits.GlobalDays(l.Code, claim.FirstServiceDate) != "ZZZ" && l.Code != "99292").ToList();
        foreach (var line in visits)
        {
            var first = visits.Find(o => o.Index < line.Index && o.From == line.From);
            if (first is not null && !visits.Exists(v => v.From == line.From && v.HasAny(["25", "27"])))
                yield return Reject(Id, IssueType.BusinessRule, line.Path, $"Two visits on one day: {first.Code} and {line.Code}; keep one, or add 25 if they are separate.").On(line);
        }
    }
}
