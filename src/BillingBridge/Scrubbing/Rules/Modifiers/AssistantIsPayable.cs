using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-017: a second surgeon is one the fee schedule pays for.</summary>
internal sealed class AssistantIsPayable(EditTables edits) : IScrubRule
{
    public string Id => "MOD-017";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        string[] assistants = ["80", "81", "82", "AS"];
        foreach (var line in claim.Lines.Where(l => l.HasAny([.. assistants, "62", "66"])))
        {
            if (edits.FeesOn(claim.FirstServiceDate) is not { } fees)
            {
                yield return NotEvaluated(Id, "physician fee schedule", claim.FirstServiceDate);
                yield break;
            }

            if (fees.Find(line.Code) is not { } fee)
                continue;
            var (what, indicator) = line.Has("62") ? ("two surgeons", fee.CoSurgeon) : line.Has("66") ? ("a surgical team", fee.Team) : ("an assistant", fee.Assistant);
            var isAssistant = line.HasAny(assistants);
            var isNever = isAssistant ? indicator is "1" or "9" : indicator is "0" or "9";
            var needsPaper = isAssistant ? indicator == "0" : indicator == "1";
            if (isNever)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Assistant not payable: {line.Code} is never paid to {what} (indicator {indicator}). Remove the line or the modifier.").On(line).ByTable(fees.Edition);
            else if (needsPaper && !claim.Claim.Info(SupportingInfo.Attachment).Any())
                yield return Warn(Id, IssueType.Incomplete, $"{line.Path}.modifier", $"Assistant needs documentation: {line.Code} is paid to {what} only when the operative report shows why. Attach it.").On(line).ByTable(fees.Edition);
        }
    }
}
