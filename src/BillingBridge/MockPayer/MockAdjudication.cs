using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>Claim and scenario → CLP loop. Payments are what the adjustments leave of the charge, so every claim adds up.</summary>
internal static class MockAdjudication
{
    private const decimal AllowedShare = 0.62m;
    private const decimal CoinsuranceShare = 0.20m;
    private const decimal CopayUsd = 25m;
    private const decimal CorrectedCopayUsd = 10m;

    public static Remittance835Item.Claim Pay(MockClaim claim, int ordinal) => Build(claim, ordinal, CopayUsd, "");

    /// <summary>The corrected claim of a reversal: a smaller copay.</summary>
    public static Remittance835Item.Claim Correct(MockClaim claim, int ordinal) => Build(claim, ordinal, CorrectedCopayUsd, "C");

    /// <summary>Every amount of a payment with the other sign.</summary>
    public static Remittance835Item.Claim Reverse(Remittance835Item.Claim paid, int ordinal) => paid with
    {
        Ordinal = ordinal,
        Clp = paid.Clp with { Status = Clp.Reversal, ChargeUsd = -paid.Clp.ChargeUsd, PaidUsd = -paid.Clp.PaidUsd, PatientResponsibilityUsd = null },
        Lines =
        [
            .. paid.Lines.Select(l => new RemittanceLine(
                l.Svc with { ChargeUsd = -l.Svc.ChargeUsd, PaidUsd = -l.Svc.PaidUsd },
                [.. l.Details.Where(d => d is not Amt and not Lq).Select(Negate)])),
        ],
    };

    private static Remittance835Item.Claim Build(MockClaim claim, int ordinal, decimal copay, string icnSuffix)
    {
        var lines = new List<RemittanceLine>();
        var count = claim.Claim.Body.Lines.Count;
        foreach (var (i, line) in claim.Claim.Body.Lines.Index())
        {
            var (paid, copayUsed) = MockSecondary.IsSecondary(claim)
                ? (MockSecondary.Line(claim.Scenario, line), 0m)
                : Line(claim.Scenario, line, isLast: i == count - 1, isOnly: count == 1, copay);
            copay -= copayUsed;
            lines.Add(paid);
        }

        var body = claim.Claim.Body;
        var patient = lines.SelectMany(l => l.Adjustments).Where(c => c.Group == "PR").Sum(c => c.TotalUsd);
        var isDenied = claim.Scenario is MockScenario.DeniedAuth or MockScenario.DeniedCoding;
        var clp = new Clp(
            body.Clm.ControlNumber, isDenied ? "4" : MockSecondary.Status(claim), lines.Sum(l => l.Svc.ChargeUsd), lines.Sum(l => l.Svc.PaidUsd), patient == 0 ? null : patient,
            claim.Claim.Subscriber.Sbr?.Filing ?? "CI", claim.Icn + icnSuffix, body.Clm.PlaceOfService, body.Clm.Frequency);
        return new Remittance835Item.Claim(ordinal, [], clp, [.. Parties(claim)], lines);
    }

    private static IEnumerable<IX12Segment> Parties(MockClaim claim)
    {
        if (claim.Claim.PatientParty?.Name is { } patient)
            yield return patient with { EntityCode = "QC", IdQualifier = "MI", Id = claim.MemberId };
        if (claim.Claim.Patient is not null && claim.Claim.Subscriber.Insured?.Name is { } insured)
            yield return insured;
        if (claim.Claim.Body.Providers.FirstOrDefault(p => p.Name.EntityCode == "82")?.Name is { } rendering)
            yield return rendering;
    }

    private static (RemittanceLine Line, decimal CopayUsed) Line(MockScenario scenario, LineLoop line, bool isLast, bool isOnly, decimal copay)
    {
        var sv1 = line.Sv1!; // the reader refuses lines without SV1 before they come here
        var allowed = Cents(sv1.ChargeUsd * AllowedShare);
        var adjustments = new List<Cas>();
        string? remark = null;
        var copayUsed = 0m;
        switch (scenario)
        {
            case MockScenario.DeniedCoding:
                Adjust("CO", "11", sv1.ChargeUsd);
                remark = "M76";
                break;
            case MockScenario.DeniedAuth:
                Adjust("CO", "197", sv1.ChargeUsd);
                remark = "N517";
                break;
            case MockScenario.ZeroPay:
                Adjust("CO", "24", sv1.ChargeUsd);
                break;
            case MockScenario.PartialDenial when isLast && !isOnly:
                Adjust("CO", "97", sv1.ChargeUsd);
                remark = "M15";
                break;
            case MockScenario.PartialDenial when isOnly:
                Adjust("CO", "45", sv1.ChargeUsd - allowed);
                Adjust("CO", "151", Cents(allowed / 2));
                break;
            case MockScenario.Deductible:
                Adjust("CO", "45", sv1.ChargeUsd - allowed);
                Adjust("PR", "1", allowed);
                break;
            case MockScenario.Coinsurance:
                Adjust("CO", "45", sv1.ChargeUsd - allowed);
                Adjust("PR", "2", Cents(allowed * CoinsuranceShare));
                break;
            default:
                copayUsed = Math.Min(copay, allowed);
                Adjust("CO", "45", sv1.ChargeUsd - allowed);
                Adjust("PR", "3", copayUsed);
                break;
        }

        var paid = sv1.ChargeUsd - adjustments.Sum(a => a.TotalUsd);
        return (new RemittanceLine(new Svc(sv1.Procedure, sv1.ChargeUsd, paid, null, sv1.Units, null, null), [.. Details(line, adjustments, remark, allowed)]), copayUsed);

        void Adjust(string group, string reason, decimal usd)
        {
            if (usd != 0)
                adjustments.Add(new Cas(group, [new CasTriple(reason, usd)]));
        }
    }

    private static IEnumerable<IX12Segment> Details(LineLoop line, List<Cas> adjustments, string? remark, decimal allowed)
    {
        if (line.ServiceDate?.Start is { } day)
            yield return new Dtm("472", X12Text.Date(day));
        foreach (var adjustment in adjustments)
            yield return adjustment;
        if (line.Reference("6R") is { } number)
            yield return new Ref("6R", number);
        if (remark is null)
            yield return new Amt("B6", allowed);
        else
            yield return new Lq("HE", remark);
    }

    private static IX12Segment Negate(IX12Segment detail) =>
        detail is Cas cas ? cas with { Triples = [.. cas.Triples.Select(t => t with { AmountUsd = -t.AmountUsd })] } : detail;

    private static decimal Cents(decimal usd) => Math.Round(usd, 2, MidpointRounding.AwayFromZero);
}

/// <summary>One claim of a file with what the mock payer will do with it.</summary>
internal sealed record MockClaim(Claim837PItem.Claim Claim, string SetControlNumber, string BatchReference, MockScenario Scenario, string Icn)
{
    public string? MemberId => Claim.Subscriber.Insured?.Name.Id;

    public string PayerId => Claim.Subscriber.Payer?.Name.Id ?? "MOCK";

    public decimal ChargeUsd => Claim.Body.Clm.ChargeUsd;

}
