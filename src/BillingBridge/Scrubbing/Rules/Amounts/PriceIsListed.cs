using System.Globalization;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;

/// <summary>AMT-004: the price is the fee schedule's on the day.</summary>
internal sealed class PriceIsListed : IScrubRule
{
    public string Id => "AMT-004";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        foreach (var line in claim.Lines)
        {
            if (line.From is { } day && claim.Fees.Find(line.Code, line.Modifiers, day) is { } row && line.Item.UnitPrice?.Value is { } price
                && price != row.NonFacilityUsd && price != (row.FacilityUsd ?? row.NonFacilityUsd))
            {
                yield return Warn(Id, IssueType.Value, $"{line.Path}.unitPrice",
                        string.Create(CultureInfo.InvariantCulture, $"Charge {price:0.00} but fee schedule {row.PriceUsd(line.Place):0.00}."))
                    .On(line);
            }
        }
    }
}
