using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;

/// <summary>AMT-006: the charge is not ten times Medicare's amount, nor above the limiting charge of a practice outside Medicare.</summary>
internal sealed class ChargeIsNotAboveLimit(EditTables edits) : IScrubRule
{
    public string Id => "AMT-006";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (edits.FeesOn(claim.FirstServiceDate) is not { } fees)
        {
            yield return NotEvaluated(Id, "physician fee schedule", claim.FirstServiceDate);
            yield break;
        }

        foreach (var line in claim.Lines)
        {
            if (line.Item.UnitPrice?.Value is not { } price || fees.Find(line.Code, line.Modifiers.FirstOrDefault(m => m is "26" or "TC"))?.AmountUsd(PlacesOfService.IsFacility(line.Place)) is not { } medicare)
                continue;

            // 115 % of the non-participating amount, which is 95 % of the schedule (42 CFR 414.48).
            var limit = Math.Round(medicare * 0.95m * 1.15m, 2, MidpointRounding.AwayFromZero);
            if (claim.Payer is { Family: PayerFamily.Medicare, IsNonParticipating: true } && price > limit)
                yield return Reject(Id, IssueType.Value, $"{line.Path}.unitPrice", string.Create(CultureInfo.InvariantCulture, $"Charge above limit: {price:0.00} for {line.Code}, the limiting charge is {limit:0.00}. Lower the charge.")).On(line).ByTable(fees.Edition);
            else if (price > 10 * medicare)
                yield return Warn(Id, IssueType.Value, $"{line.Path}.unitPrice", string.Create(CultureInfo.InvariantCulture, $"Charge above limit: {price:0.00} for {line.Code} is more than ten times Medicare's {medicare:0.00}. Check the price and the units.")).On(line).ByTable(fees.Edition);
        }
    }
}
