using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.X12;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Providers;

/// <summary>PRV-011: a place other than office, home or telehealth is named with its address.</summary>
internal sealed class ServiceFacilityIsThere : IScrubRule
{
    public string Id => "PRV-011";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (claim.Lines.All(l => l.Place is null or "11" or "12" or "10" or "02"))
            yield break;

        var facility = claim.Chart.Find<Location>(claim.Claim.Facility);
        if (facility is null || facility.Address?.Line.FirstOrDefault() is null || !facility.Identifier.Exists(i => i.System == BillingUrls.Npi && Npi.IsValid(i.Value)))
        {
            yield return Reject(Id, IssueType.Required, "Claim.facility",
                "Service facility missing: name the Location of the encounter, with its NPI and address.");
        }
    }
}
