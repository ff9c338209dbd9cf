using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Places;

/// <summary>POS-001: each line has a place of service of CMS's list.</summary>
internal sealed class PlaceIsKnown : IScrubRule
{
    public string Id => "POS-001";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (line.Place is not { } place || !PlacesOfService.IsKnown(place))
                yield return Reject(Id, IssueType.CodeInvalid, $"{line.Path}.location", $"POS missing or unknown ('{line.Place}'): enter the two-digit place of service.").On(line);
        }
    }
}
