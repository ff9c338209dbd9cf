using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing.Edits;
using Hl7.Fhir.Model;
using static FhirEmr.BillingBridge.Scrubbing.ScrubFinding;
using static Hl7.Fhir.Model.OperationOutcome;

namespace FhirEmr.BillingBridge.Scrubbing.Rules.Amounts;

/// <summary>AMT-005: the charge is not below what the payer has agreed to pay.</summary>
internal sealed class ChargeIsNotBelowContract(EditTables edits) : IScrubRule
{
    private readonly ContractRates contracts = edits.Contracts();
    private readonly string edition = string.Join(" and ", new[] { edits.Table(TableNames.Contracts)?.Edition, edits.Table(TableNames.MedicareContracts)?.Edition }.OfType<string>());

    public string Id => "AMT-005";

    public IEnumerable<ScrubFinding> Check(ClaimGraph claim)
    {
        if (contracts.IsEmpty)
        {
            yield return NotEvaluated(Id, TableNames.Contracts, claim.FirstServiceDate);
            yield break;
        }

        if (claim.Payor.PayerId() is not { } payer)
            yield break;
        if (contracts.Lacks(payer, claim.FirstServiceDate) is { } lacking)
            yield return NotEvaluated(Id, lacking, claim.FirstServiceDate);
        foreach (var line in claim.Lines)
        {
            if (contracts.AllowedUsd(payer, line.Code, line.Modifiers, line.From ?? claim.FirstServiceDate, line.Place) is { } allowed && line.Item.UnitPrice?.Value < allowed)
            {
                yield return Warn(Id, IssueType.Value, $"{line.Path}.unitPrice", string.Create(CultureInfo.InvariantCulture, $"Charge below allowed: {line.Code} is charged {line.Item.UnitPrice.Value:0.00}, the contract allows {allowed:0.00}. Raise the price in the fee schedule."))
                    .On(line).With("allowed", allowed.ToString("0.00", CultureInfo.InvariantCulture)).ByTable(edition);
            }
        }
    }
}
