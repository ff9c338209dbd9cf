using System.Globalization;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>Claim and scenario → CLP loop. Payments are what the adjustments leave of the charge, so every claim adds up.</summary>
internal static class MockAdjudication
{
    /// <summary>The whole claim, or all but the last line when a second remittance brings that.</summary>
    public static Remittance835Item.Claim Pay(MockClaim claim, int ordinal) =>
        Build(claim, ordinal, claim.Scenario.Lines, "", line => claim.Scenario.Sequel is not MockSequel.LastLine || claim.LineCount == 1 || line < claim.LineCount - 1);

    /// <summary>What a void claim (CLM05-3 8) gets: the payment of the claim it repeats, taken back under that claim's own numbers.</summary>
    public static Remittance835Item.Claim TakeBack(MockClaim claim, int ordinal)
    {
        var paid = Pay(claim, ordinal);
        var (number, original) = (paid.Clp.ControlNumber, Original(paid.Clp.ControlNumber));
        return Reverse(
            paid with
            {
                Clp = paid.Clp with { ControlNumber = original, PayerControlNumber = claim.Claim.Body.Reference("F8") ?? paid.Clp.PayerControlNumber, Frequency = "1" },
                Lines =
                [
                    .. paid.Lines.Select(l => l with
                    {
                        Details = [.. l.Details.Select(d => d is Ref { Qualifier: "6R" } line ? line with { Value = line.Value.Replace(number, original, StringComparison.Ordinal) } : d)],
                    }),
                ],
            },
            ordinal);
    }

    // A successor's number is the first one's with R1, R2 ... behind it.
    private static string Original(string number)
    {
        var mark = number.LastIndexOf('R');
        if (mark <= 0 || !int.TryParse(number[(mark + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return number;
        return version > 1 ? string.Create(CultureInfo.InvariantCulture, $"{number[..mark]}R{version - 1}") : number[..mark];
    }

    /// <summary>The line that <see cref="Pay"/> left out.</summary>
    public static Remittance835Item.Claim PayLast(MockClaim claim, int ordinal) => Build(claim, ordinal, claim.Scenario.Lines, "S", line => line == claim.LineCount - 1);

    /// <summary>The corrected claim of a reversal: a smaller copay.</summary>
    public static Remittance835Item.Claim Correct(MockClaim claim, int ordinal) => Build(claim, ordinal, "CO-45:38% PR-3:10c", "C", _ => true);

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

    private static Remittance835Item.Claim Build(MockClaim claim, int ordinal, string terms, string icnSuffix, Func<int, bool> isPaid)
    {
        var (body, scenario, used) = (claim.Claim.Body, claim.Scenario, new Dictionary<string, decimal>());
        var lines = new List<RemittanceLine>();
        foreach (var (i, line) in body.Lines.Index())
        {
            var own = claim.LineCount == 1 ? scenario.Only : i == claim.LineCount - 1 ? scenario.Last : null;
            var answered = MockSecondary.IsSecondary(claim) ? MockSecondary.Line(scenario, line) : Line(line, own ?? terms, used); // also of a line left out, so that what is taken once a claim is taken once
            if (isPaid(i))
                lines.Add(answered);
        }

        var patient = lines.SelectMany(l => l.Adjustments).Where(c => c.Group == "PR").Sum(c => c.TotalUsd);
        var clp = new Clp(
            body.Clm.ControlNumber, scenario.ClaimStatus == "1" ? MockSecondary.Status(claim) : scenario.ClaimStatus, lines.Sum(l => l.Svc.ChargeUsd), lines.Sum(l => l.Svc.PaidUsd), patient == 0 ? null : patient,
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

    private static RemittanceLine Line(LineLoop line, string terms, Dictionary<string, decimal> used)
    {
        var sv1 = line.Sv1!; // the reader refuses lines without SV1 before they come here
        var (adjustments, remark) = MockTerms.Apply(terms, sv1.ChargeUsd, used);
        var segments = adjustments.Select(a => new Cas(a.Group, [new CasTriple(a.Reason, a.Usd)])).ToList();
        var allowed = sv1.ChargeUsd - adjustments.Where(a => a is { Group: "CO", Reason: "45" }).Sum(a => a.Usd);
        return new RemittanceLine(new Svc(sv1.Procedure, sv1.ChargeUsd, sv1.ChargeUsd - adjustments.Sum(a => a.Usd), null, sv1.Units, null, null), [.. Details(line, segments, remark, allowed)]);
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
}

/// <summary>One claim of a file with what the mock payer will do with it.</summary>
internal sealed record MockClaim(Claim837PItem.Claim Claim, string SetControlNumber, string BatchReference, MockScenario Scenario, string Icn)
{
    public string? MemberId => Claim.Subscriber.Insured?.Name.Id;

    public string PayerId => Claim.Subscriber.Payer?.Name.Id ?? "MOCK";

    public decimal ChargeUsd => Claim.Body.Clm.ChargeUsd;

    public int LineCount => Claim.Body.Lines.Count;

    /// <summary>CLM05-3 8: it asks for nothing but the end of another claim.</summary>
    public bool IsVoid => Claim.Body.Clm.Frequency == "8";

    public string? BillingNpi => Claim.Billing.Provider?.Name.Id;
}
