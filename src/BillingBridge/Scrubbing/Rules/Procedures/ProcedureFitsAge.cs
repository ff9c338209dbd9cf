using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Procedures;

/// <summary>PROC-006: newborn care is for newborns.</summary>
internal sealed class ProcedureFitsAge : IScrubRule
{
    public string Id => "PROC-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Facts.AgeDays is not > 28)
            yield break;

        foreach (var line in claim.Lines.Where(l => l.Code is "99460" or "99461" or "99462" or "99463"))
            yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.productOrService", $"Procedure not for age {claim.Facts.AgeYears}: {line.Code} is newborn care.").On(line);
    }
}
