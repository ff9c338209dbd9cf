using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Modifiers;

/// <summary>MOD-026: a split visit happens in a facility.</summary>
internal sealed class SplitVisitIsInFacility : IScrubRule
{
    public string Id => "MOD-026";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Has("FS") && !PlacesOfService.IsFacility(l.Place)))
            yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.modifier", "Split/shared: FS is for facility places only.").On(line);
    }
}
