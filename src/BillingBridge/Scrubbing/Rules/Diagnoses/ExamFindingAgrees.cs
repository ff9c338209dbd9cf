using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Diagnoses;

/// <summary>DX-019: a routine examination with abnormal findings names them, one without has no acute disease.</summary>
internal sealed class ExamFindingAgrees : IScrubRule
{
    public string Id => "DX-019";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var exam in claim.Diagnoses.Where(d => d.Plain is "Z0000" or "Z0001" or "Z00121" or "Z00129"))
        {
            var others = claim.Diagnoses.Where(d => d != exam && !d.Between("Z00", "Z99")).ToList();
            if (exam.Plain is "Z0001" or "Z00121" && others.Count == 0)
                yield return Warn(Id, IssueType.BusinessRule, exam.Path, $"Exam finding: {exam.Code} says abnormal findings, but none is coded.");
            else if (exam.Plain is "Z0000" or "Z00129" && others.Exists(d => d.Between("J00", "J22") || d.Between("S00", "T34") || d.Between("R00", "R99")))
                yield return Warn(Id, IssueType.BusinessRule, exam.Path, $"Exam finding: {exam.Code} says no abnormal findings, but an acute one is coded.");
        }
    }
}
