using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;

/// <summary>AMT-005: the charge is not below what the payer has agreed to pay.</summary>
internal sealed class ChargeIsNotBelowContract(EditTables edits) : IScrubRule
{
    public string Id => "AMT-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (edits.Table(TableNames.Contracts) is not { } table)
        {
            yield return NotEvaluated(Id, TableNames.Contracts, claim.FirstServiceDate);
            yield break;
        }

        var payer = claim.Payor.PayerId();
        foreach (var line in claim.Lines)
        {
            var row = table.Find(line.Code, line.From ?? claim.FirstServiceDate).FirstOrDefault(r => r["payer"] == payer && (r["modifier"].Length == 0 || line.Has(r["modifier"])));
            if (decimal.TryParse(row?["allowed"], NumberStyles.Number, CultureInfo.InvariantCulture, out var allowed) && line.Item.UnitPrice?.Value < allowed)
            {
                yield return Warn(Id, IssueType.Value, $"{line.Path}.unitPrice", string.Create(CultureInfo.InvariantCulture, $"Charge below allowed: {line.Code} is charged {line.Item.UnitPrice.Value:0.00}, the contract allows {allowed:0.00}. Raise the price in the fee schedule."))
                    .On(line).With("allowed", row!["allowed"]).ByTable(table.Edition);
            }
        }
    }
}
