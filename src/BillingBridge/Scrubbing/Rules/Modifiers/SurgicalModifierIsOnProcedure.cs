using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-018: 22, 52 and 53 are not for visits.</summary>
internal sealed class SurgicalModifierIsOnProcedure : IScrubRule
{
    public string Id => "MOD-018";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.HasAny(["22", "52", "53"])))
        {
            if (CodeFacts.IsEvaluationAndManagement(line.Code))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "Modifier not for E/M: choose another level instead.").On(line);
            else if (line.Has("22") && !claim.Claim.Info(SupportingInfo.Attachment).Any())
                yield return Warn(Id, IssueType.Incomplete, $"{line.Path}.modifier", "22 needs the operative report: attach it.").On(line);
        }
    }
}
