using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-021: the advance-notice modifiers do not contradict each other.</summary>
internal sealed class NoticeModifiersAgree : IScrubRule
{
    public string Id => "MOD-021";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (line.Has("GA") && line.HasAny(["GZ", "GY"]))
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "ABN modifier: GA excludes GZ and GY.").On(line);
        }
    }
}
