using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-029: G2211 goes with an office visit, and with 25 only beside preventive services.</summary>
internal sealed class ComplexityAddOnFits : IScrubRule
{
    public string Id => "PROC-029";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Code == "G2211"))
        {
            var visit = claim.Lines.FirstOrDefault(l => CodeFacts.IsOfficeVisit(l.Code) && l.From == line.From);
            if (visit is null)
                yield return Reject(Id, IssueType.BusinessRule, line.Path, "G2211 needs an office visit on the same day.").On(line);
            else if (visit.Has("25") && !claim.Lines.Any(l => l.From == line.From && (CodeFacts.IsVaccineAdministration(l.Code) || l.Code is "G0438" or "G0439" or "G0402")))
                yield return Warn(Id, IssueType.BusinessRule, line.Path, "G2211 is not paid when the visit carries 25, save beside a vaccine or wellness visit.").On(line);
        }
    }
}
