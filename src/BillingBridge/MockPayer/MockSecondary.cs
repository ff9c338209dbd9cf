using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>The mock payer as the second or third payer: it pays of what the payers before left to the patient.</summary>
internal static class MockSecondary
{
    private const decimal CoinsuranceShare = 0.20m;

    public static bool IsSecondary(MockClaim claim) => claim.Claim.Body.OtherPayers.Any(o => o.PaidUsd is not null);

    /// <summary>CLP02: processed as primary, secondary or tertiary, and 19 when it is sent on.</summary>
    public static string Status(MockClaim claim) => claim.Claim.Subscriber.Sbr?.Responsibility switch
    {
        _ when claim.Scenario is MockScenario.CrossedOver => "19",
        "S" => "2",
        "T" => "3",
        _ => "1",
    };

    /// <summary>OA-23 is what the payers before paid and adjusted; the rest is paid, or left to the patient, or denied.</summary>
    public static RemittanceLine Line(MockScenario scenario, LineLoop line)
    {
        var sv1 = line.Sv1!;
        var left = line.Adjudications is [.., var last] ? last.PatientUsd : sv1.ChargeUsd;
        var (group, reason, kept) = scenario switch
        {
            MockScenario.DeniedAuth => ("CO", "197", left),
            MockScenario.DeniedCoding => ("CO", "11", left),
            MockScenario.ZeroPay => ("CO", "24", left),
            MockScenario.Deductible => ("PR", "1", left),
            MockScenario.Coinsurance => ("PR", "2", Math.Round(left * CoinsuranceShare, 2, MidpointRounding.AwayFromZero)),
            _ => ("PR", "2", 0m),
        };
        var details = new List<IX12Segment>();
        if (line.ServiceDate?.Start is { } day)
            details.Add(new Dtm("472", X12Text.Date(day)));
        Adjust("OA", "23", sv1.ChargeUsd - left);
        Adjust(group, reason, kept);
        if (line.Reference("6R") is { } number)
            details.Add(new Ref("6R", number));
        details.Add(new Amt("B6", left));
        return new RemittanceLine(new Svc(sv1.Procedure, sv1.ChargeUsd, left - kept, null, sv1.Units, null, null), details);

        void Adjust(string cas, string carc, decimal usd)
        {
            if (usd != 0)
                details.Add(new Cas(cas, [new CasTriple(carc, usd)]));
        }
    }
}
