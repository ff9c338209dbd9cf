using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-007: 59 or one X modifier, and not on a visit.</summary>
internal sealed class DistinctServiceIsMarkedOnce : IScrubRule
{
    public string Id => "MOD-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            var x = line.HasAny(["XE", "XS", "XP", "XU"]);
            if (line.Has("59") && x)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "59 misuse: an X modifier already says it; drop 59.").On(line);
            else if ((line.Has("59") || x) && CodeFacts.IsEvaluationAndManagement(line.Code))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "59 misuse: a visit takes 25, not 59.").On(line);
        }
    }
}
