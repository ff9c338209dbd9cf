using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-003: 25 is on a visit.</summary>
internal sealed class SeparateVisitIsVisit : IScrubRule
{
    public string Id => "MOD-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Has("25") && !CodeFacts.IsEvaluationAndManagement(l.Code)))
            yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", $"25 only on E/M: {line.Code} is not a visit.").On(line);
    }
}
