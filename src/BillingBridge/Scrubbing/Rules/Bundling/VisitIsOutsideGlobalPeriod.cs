using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Bundling;

/// <summary>GLB-001: a visit inside a global period says why it is separate.</summary>
internal sealed class VisitIsOutsideGlobalPeriod(EditTables edits) : IScrubRule
{
    public string Id => "GLB-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsEvaluationAndManagement(l.Code) && l.Code != "99024" && !l.HasAny(["24", "25", "57"])))
        {
            if (line.From is { } day && OpenGlobalPeriods.Find(claim, day, edits) is { } global)
                yield return Reject(Id, IssueType.BusinessRule, line.Path, $"In global period of {global.Code} {DateOfService.Text(global.Day)}: add 24 if unrelated, or record 99024.").On(line).From(global.Reference);
        }
    }
}
