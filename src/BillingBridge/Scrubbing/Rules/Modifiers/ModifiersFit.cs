using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-002: at most four modifiers, each once.</summary>
internal sealed class ModifiersFit : IScrubRule
{
    public string Id => "MOD-002";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (line.Modifiers.Count > 4 || line.Modifiers.Distinct().Count() != line.Modifiers.Count)
                yield return Reject(Id, IssueType.Value, $"{line.Path}.modifier", "Modifiers: at most four, each once.").On(line);
        }
    }
}
