using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Bundling;

/// <summary>GLB-002: a procedure inside a global period says why it is separate.</summary>
internal sealed class ProcedureIsOutsideGlobalPeriod(EditTables edits) : IScrubRule
{
    public string Id => "GLB-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => CodeFacts.IsSurgery(l.Code) && !l.HasAny(["58", "78", "79"])))
        {
            if (line.From is { } day && OpenGlobalPeriods.Find(claim, day, edits) is { } global)
                yield return Reject(Id, IssueType.BusinessRule, line.Path, $"In global period of {global.Code} {DateOfService.Text(global.Day)}: add 58, 78 or 79.").On(line).From(global.Reference);
        }
    }
}
