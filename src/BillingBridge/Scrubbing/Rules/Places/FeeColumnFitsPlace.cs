using FhirEmr.BillingBridge.Charges;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Places;

/// <summary>POS-007: the price is of the column that the place uses.</summary>
internal sealed class FeeColumnFitsPlace : IScrubRule
{
    public string Id => "POS-007";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (line.From is not { } day || claim.Fees.Find(line.Code, line.Modifiers, day) is not { FacilityUsd: { } facility } row || facility == row.NonFacilityUsd)
                continue;
            var other = PlacesOfService.IsFacility(line.Place) ? row.NonFacilityUsd : facility;
            if (line.Item.UnitPrice?.Value == other)
                yield return Warn(Id, IssueType.BusinessRule, $"{line.Path}.unitPrice", $"Wrong fee column: POS {line.Place} uses the {(PlacesOfService.IsFacility(line.Place) ? "facility" : "non-facility")} price.").On(line);
        }
    }
}
