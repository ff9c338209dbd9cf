using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>The arithmetic of an 835 (guide, section 1.10.2.1): line, claim, payment; to the cent.</summary>
internal sealed class RemittanceBalance(X12Findings findings)
{
    private decimal _paidUsd;
    private decimal _providerUsd;

    public void AddProviderAdjustment(Plb plb, Segment segment)
    {
        _providerUsd += plb.Adjustments.Sum(a => a.AmountUsd);
        CheckCents(plb.Adjustments.Select(a => a.AmountUsd), segment, 4, null);
    }

    public void CheckClaim(Remittance835Item.Claim claim, Segment clp, IReadOnlyList<Segment> svcs)
    {
        CheckCents([claim.Clp.ChargeUsd, claim.Clp.PaidUsd, .. claim.Adjustments.SelectMany(c => c.Triples).Select(t => t.AmountUsd)], clp, 3, "2100");
        foreach (var (i, line) in claim.Lines.Index())
            CheckCents([line.Svc.ChargeUsd, line.Svc.PaidUsd, .. line.Adjustments.SelectMany(c => c.Triples).Select(t => t.AmountUsd)], svcs[i], 2, "2110");

        _paidUsd += claim.Clp.PaidUsd;
        foreach (var (i, line) in claim.Lines.Index())
        {
            var expected = line.Svc.ChargeUsd - line.Adjustments.Sum(c => c.TotalUsd);
            if (expected != line.Svc.PaidUsd)
            {
                findings.Refuse(
                    "BAL-LINE",
                    $"Charge less adjustments is {Text(expected)}; SVC03 says {Text(line.Svc.PaidUsd)} was paid.",
                    svcs[i].At(3, loop: "2110"));
            }
        }

        var explained = claim.Clp.ChargeUsd - claim.AllAdjustments.Sum(c => c.TotalUsd);
        if (explained != claim.Clp.PaidUsd)
        {
            findings.Refuse(
                "BAL-CLAIM",
                $"Charge less all adjustments is {Text(explained)}; CLP04 says {Text(claim.Clp.PaidUsd)} was paid.",
                clp.At(4, loop: "2100"));
        }

        var charged = claim.Lines.Sum(l => l.Svc.ChargeUsd);
        if (claim.Lines.Count > 0 && charged != claim.Clp.ChargeUsd)
            findings.Refuse("BAL-CLAIM", $"The lines charge {Text(charged)}; CLP03 is {Text(claim.Clp.ChargeUsd)}.", clp.At(3, loop: "2100"));

        var patient = claim.AllAdjustments.Where(c => c.Group == "PR").Sum(c => c.TotalUsd);
        if (claim.Clp is { PatientResponsibilityUsd: { } told, Status: "1" or "19" } && told != patient)
            findings.Warn("BAL-PATIENT", $"The PR adjustments are {Text(patient)}; CLP05 is {Text(told)}.", clp.At(5, loop: "2100"));
    }

    public void CheckPayment(decimal paymentUsd, Segment bpr)
    {
        CheckCents([paymentUsd], bpr, 2, null);
        if (_paidUsd - _providerUsd != paymentUsd)
        {
            findings.Refuse(
                "BAL-FILE",
                $"The claims pay {Text(_paidUsd)} and provider adjustments take {Text(_providerUsd)}, which makes {Text(_paidUsd - _providerUsd)}; BPR02 is {Text(paymentUsd)}.",
                bpr.At(2));
        }
    }

    // What adds up in thousandths cannot be posted in cents.
    private void CheckCents(IEnumerable<decimal> amounts, Segment segment, int element, string? loop)
    {
        foreach (var usd in amounts.Where(a => decimal.Round(a, 2) != a).Take(1))
            findings.Refuse("BAL-CENT", $"{Text(usd)} is no amount of whole cents.", segment.At(element, loop: loop));
    }

    private static string Text(decimal usd) => X12Text.Amount(usd);
}
