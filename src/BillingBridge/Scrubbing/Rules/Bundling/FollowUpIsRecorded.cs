using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Bundling;

/// <summary>GLB-004: a visit after an operation is recorded as 99024.</summary>
internal sealed class FollowUpIsRecorded(EditTables edits) : IScrubRule
{
    public string Id => "GLB-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var day = claim.FirstServiceDate;
        if (claim.Lines.Count > 0 && OpenGlobalPeriods.Find(claim, day, edits) is { } global
            && claim.Chart.Encounter.Class?.Code is "AMB" or "VR" && !claim.Lines.Any(l => l.Code == "99024" || CodeFacts.IsEvaluationAndManagement(l.Code)))
            yield return Warn(Id, IssueType.Incomplete, "Claim.item", $"Post-op visit not recorded: the visit is in the global period of {global.Code} of {DateOfService.Text(global.Day)}. Add 99024 without charge.").With("procedure", global.Code).From(global.Reference);
    }
}
