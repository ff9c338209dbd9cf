using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-008: a payer that prefers X modifiers gets them.</summary>
internal sealed class PayerPrefersX : IScrubRule
{
    public string Id => "MOD-008";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => claim.Payer.PrefersX && l.Has("59")))
            yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"Use X{{EPSU}}: {claim.PayerName} wants XE, XS, XP or XU instead of 59.").On(line);
    }
}
