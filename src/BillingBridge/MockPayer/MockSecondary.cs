using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>The mock payer as the second or third payer: it pays of what the payers before left to the patient.</summary>
internal static class MockSecondary
{
    public static bool IsSecondary(MockClaim claim) => claim.Claim.Body.OtherPayers.Any(o => o.PaidUsd is not null);

    /// <summary>CLP02: processed as primary, secondary or tertiary.</summary>
    public static string Status(MockClaim claim) => claim.Claim.Subscriber.Sbr?.Responsibility switch
    {
        "S" => "2",
        "T" => "3",
        _ => "1",
    };

    /// <summary>OA-23 is what the payers before paid and adjusted; the rest is paid, or left to the patient, or denied.</summary>
    public static RemittanceLine Line(MockScenario scenario, LineLoop line)
    {
        var sv1 = line.Sv1!;
        var left = line.Adjudications is [.., var last] ? last.PatientUsd : sv1.ChargeUsd;
        var terms = scenario.Name switch
        {
            _ when scenario.ClaimStatus == "4" => scenario.Lines,
            "ZERO" or "DED" => scenario.Lines.Replace("CO-45:38% ", "", StringComparison.Ordinal),
            "COINS" => "PR-2:20%",
            _ => "",
        };
        var (adjustments, remark) = MockTerms.Apply(terms, left, []);
        var details = new List<IX12Segment>();
        if (line.ServiceDate?.Start is { } day)
            details.Add(new Dtm("472", X12Text.Date(day)));
        Adjust("OA", "23", sv1.ChargeUsd - left);
        foreach (var (group, reason, usd) in adjustments)
            Adjust(group, reason, usd);
        if (line.Reference("6R") is { } number)
            details.Add(new Ref("6R", number));
        details.Add(remark is null ? new Amt("B6", left) : new Lq("HE", remark));
        return new RemittanceLine(new Svc(sv1.Procedure, sv1.ChargeUsd, left - adjustments.Sum(a => a.Usd), null, sv1.Units, null, null), details);

        void Adjust(string cas, string carc, decimal usd)
        {
            if (usd != 0)
                details.Add(new Cas(cas, [new CasTriple(carc, usd)]));
        }
    }
}
