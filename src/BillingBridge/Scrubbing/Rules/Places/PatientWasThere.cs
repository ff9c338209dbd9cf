using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Places;

/// <summary>POS-005: a telehealth place agrees with where the encounter says the patient was.</summary>
internal sealed class PatientWasThere : IScrubRule
{
    public string Id => "POS-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        var locations = claim.Chart.Encounter.Location.Select(l => claim.Chart.Find<Location>(l.Location)).OfType<Location>().ToList();
        if (locations.Count == 0)
            yield break; // the encounter does not say
        var atHome = locations.Exists(l => l.PhysicalType.HasAny("ho") || l.Type.Exists(t => t.HasAny("PTRES")));
        foreach (var line in claim.Lines)
        {
            if (line.Place == "10" && !atHome)
                yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.location", "Where was the patient? The place says at home, the encounter's location another one. Use 02, or correct the location.").On(line).From($"Encounter/{claim.Chart.Encounter.Id}");
            else if (line.Place == "02" && atHome)
                yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.location", "Where was the patient? The place says not at home, the encounter's location says home. Use 10, or correct the location.").On(line).From($"Encounter/{claim.Chart.Encounter.Id}");
        }
    }
}
