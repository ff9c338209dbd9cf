using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Places;

/// <summary>POS-004: a virtual encounter has a telehealth place.</summary>
internal sealed class VirtualVisitIsTelehealth : IScrubRule
{
    public string Id => "POS-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (!PlacesOfService.IsVirtual(claim.Chart.Encounter))
            yield break;

        foreach (var line in claim.Lines.Where(l => CodeFacts.IsEvaluationAndManagement(l.Code) && l.Place is not ("02" or "10")))
            yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.location", $"Telehealth POS: the visit was virtual, the place is {line.Place}; use 10 at home, 02 elsewhere.").On(line).From($"Encounter/{claim.Chart.Encounter.Id}");
    }
}
