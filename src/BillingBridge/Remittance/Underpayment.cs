using System.Globalization;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Denials;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>A line on which the payer allowed less than its contract.</summary>
/// <param name="ContractUsd">What the contract allows, at most the charge.</param>
internal sealed record Underpayment(string Code, decimal AllowedUsd, decimal ContractUsd)
{
    public decimal ShortUsd => ContractUsd - AllowedUsd;

    /// <summary>As people write it: <c>99213 allowed 80.00 of 92.50</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Code} allowed {AllowedUsd:0.00} of {ContractUsd:0.00}");

    /// <summary>
    /// The lines of a first payer's answer that are short by more than a dollar and more than one per cent (billing spec 6, UNDERPAY). What is denied is
    /// another question, and a later payer allows what it likes.
    /// </summary>
    public static IReadOnlyList<Underpayment> Of(Remittance835Item.Claim remittance, string payerId, ContractRates contracts)
    {
        var found = new List<Underpayment>();
        if (remittance.Clp.Status is not ("1" or "19"))
            return found;
        foreach (var line in remittance.Lines)
        {
            var code = line.Svc.Submitted ?? line.Svc.Procedure;
            if (line.Adjustments.Any(c => c.Group != "PR" && c.Triples.Any(t => t.AmountUsd > 0 && DenialReason.Of(t.Reason, [.. line.Remarks], line.Svc.PaidUsd == 0).IsDenial))
                || (line.ServiceDate ?? remittance.ServiceDate) is not { } day
                || contracts.AllowedUsd(payerId, code.Code, [.. code.Modifiers], day, remittance.Clp.Facility, Units(line), line.Svc.ChargeUsd) is not { } contract)
                continue;
            var one = new Underpayment(code.Code, Adjudications.AllowedUsd(line), contract);
            if (one.ShortUsd > Math.Max(1m, contract / 100m))
                found.Add(one);
        }

        return found;
    }

    private static decimal Units(RemittanceLine line) => (line.Svc.SubmittedUnits ?? line.Svc.PaidUnits) is { } units and > 0 ? units : 1m;
}
