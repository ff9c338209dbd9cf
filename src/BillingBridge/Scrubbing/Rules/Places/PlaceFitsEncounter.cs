using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Places;

/// <summary>POS-003: the place agrees with the encounter's class.</summary>
internal sealed class PlaceFitsEncounter : IScrubRule
{
    public string Id => "POS-003";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (PlacesOfService.IsVirtual(claim.Chart.Encounter))
            yield break; // POS-004

        foreach (var line in claim.Lines)
        {
            if (line.Place is not { } place)
                continue;
            var agrees = claim.Chart.Encounter.Class?.Code switch
            {
                "IMP" or "ACUTE" or "NONAC" => place is "21" or "51" or "61" or "31" or "56",
                "EMER" => place == "23",
                "HH" => place is "12" or "13" or "14" or "33",
                "AMB" => place is not ("21" or "23" or "51" or "61" or "02" or "10"),
                _ => true,
            };
            if (!agrees)
                yield return Reject(Id, IssueType.BusinessRule, "Claim.facility", $"POS disagrees with encounter: {place} but class {claim.Chart.Encounter.Class?.Code}.").On(line).From($"Encounter/{claim.Chart.Encounter.Id}");
        }
    }
}
