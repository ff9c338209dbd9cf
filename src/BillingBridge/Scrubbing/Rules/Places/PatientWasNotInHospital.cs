using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Places;

/// <summary>POS-006: a patient who lay in a hospital that day was not in the office.</summary>
internal sealed class PatientWasNotInHospital : IScrubRule
{
    public string Id => "POS-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines.Where(l => l.Place == "11" && l.From is not null))
        {
            var stay = claim.History.Encounters.FirstOrDefault(e => e.Class?.Code is "IMP" or "ACUTE" or "NONAC"
                && DateOfService.From(e.Period?.Start, claim.Zone) is { } admitted && admitted < line.From
                && (DateOfService.From(e.Period?.End, claim.Zone) is not { } left || left > line.From));
            if (stay is not null)
                yield return Reject(Id, IssueType.BusinessRule, $"{line.Path}.location", $"Patient was inpatient on {DateOfService.Text(line.From!.Value)} (Encounter/{stay.Id}): the office is not the place. Correct the date, or bill place 21.").On(line).With("stay", $"Encounter/{stay.Id}");
        }
    }
}
