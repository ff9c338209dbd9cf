using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-009: a line is the professional or the technical component, not both.</summary>
internal sealed class ComponentIsOne : IScrubRule
{
    public string Id => "MOD-009";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Has("26") && l.Has("TC")))
            yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "Component modifier: 26 and TC exclude each other; bill the whole service without either.").On(line);
    }
}
