using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-028: blood is drawn once a day.</summary>
internal sealed class SpecimenIsCollectedOnce : IScrubRule
{
    public string Id => "PROC-028";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var day in claim.Lines.Where(l => l.Code is "36415" or "36416").GroupBy(l => l.From))
        {
            var lines = day.ToList();
            if (lines.Select(l => l.Code).Distinct().Count() > 1 || lines.Where(l => l.Code == "36415").Sum(l => l.Units) > 1)
                yield return Reject(Id, IssueType.BusinessRule, $"{lines[^1].Path}.quantity", "Specimen collection once a day: keep one unit of one code.").On(lines[^1]);
        }
    }
}
