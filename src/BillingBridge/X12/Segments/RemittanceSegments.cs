using FhirEmr.BillingBridge.X12.Syntax;
using static FhirEmr.BillingBridge.X12.Syntax.Element;

namespace FhirEmr.BillingBridge.X12.Segments;

/// <summary>BPR, the payment.</summary>
/// <param name="Handling">BPR01: I remittance only, H notification (zero), C payment and advice, D payment only, U/X split.</param>
/// <param name="CreditDebit">BPR03: C or D.</param>
/// <param name="Method">BPR04: ACH, CHK, FWT, BOP, NON.</param>
/// <param name="Date">BPR16.</param>
internal sealed record Bpr(string Handling, decimal AmountUsd, string CreditDebit, string Method, string Date) : IX12Segment
{
    /// <summary>BPR05-BPR15, format and accounts; kept as they came.</summary>
    public IReadOnlyList<string?> Accounts { get; init; } = [];

    public static Bpr Read(Segment s, X12Findings findings)
    {
        if (!X12Text.TryDate(s[16], out _))
            findings.Refuse("IK4-8", "BPR16, the payment date, is required: CCYYMMDD.", s.At(16));
        return new(s[1], s.RequiredNumber(2, findings), s[3], s[4], s[16]) { Accounts = [.. Enumerable.Range(5, 11).Select(s.Text)] };
    }

    public void WriteTo(SegmentWriter x12)
    {
        var elements = new Element[16];
        (elements[0], elements[1], elements[2], elements[3], elements[15]) = (Handling, AmountUsd, CreditDebit, Method, Date);
        foreach (var (i, text) in Accounts.Take(11).Index())
            elements[4 + i] = text;
        x12.Write("BPR", elements);
    }
}

/// <summary>CLP, claim payment (loop 2100).</summary>
/// <param name="ControlNumber">CLP01 = CLM01.</param>
/// <param name="Status">CLP02: 1-3 processed as primary-tertiary, 4 denied, 19-21 and forwarded, 22 reversal, 23 not ours, 25 predetermination.</param>
/// <param name="Filing">CLP06.</param>
/// <param name="PayerControlNumber">CLP07, the payer's ICN.</param>
internal sealed record Clp(
    string ControlNumber,
    string Status,
    decimal ChargeUsd,
    decimal PaidUsd,
    decimal? PatientResponsibilityUsd,
    string? Filing,
    string? PayerControlNumber,
    string? Facility,
    string? Frequency) : IX12Segment
{
    public const string Reversal = "22";

    /// <summary>CLP10-CLP14, institutional only; kept as they came.</summary>
    public IReadOnlyList<string?> Institutional { get; init; } = [];

    public static Clp Read(Segment s, X12Findings findings)
    {
        if (s.Text(2) is null)
            findings.Refuse("IK4-1", "CLP02, the claim status, is required.", s.At(2));
        return From(s, findings);
    }

    private static Clp From(Segment s, X12Findings findings) => new(
        s[1], s[2], s.RequiredNumber(3, findings), s.RequiredNumber(4, findings), s.Number(5, findings), s.Text(6), s.Text(7), s.Text(8), s.Text(9))
    {
        Institutional = s.Count > 9 ? [.. Enumerable.Range(10, 5).Select(s.Text)] : [],
    };

    public void WriteTo(SegmentWriter x12)
    {
        Element[] elements =
        [
            ControlNumber, Status, ChargeUsd, PaidUsd, PatientResponsibilityUsd, Filing, PayerControlNumber, Facility, Frequency,
            .. Institutional.Select(text => (Element)text),
        ];
        x12.Write("CLP", elements);
    }
}

/// <summary>SVC, service payment (loop 2110).</summary>
/// <param name="Procedure">SVC01 as adjudicated.</param>
/// <param name="PaidUnits">SVC05.</param>
/// <param name="Submitted">SVC06, when the payer changed the code.</param>
/// <param name="SubmittedUnits">SVC07, when the payer changed the units.</param>
internal sealed record Svc(
    Procedure Procedure, decimal ChargeUsd, decimal PaidUsd, string? Revenue, decimal? PaidUnits, Procedure? Submitted, decimal? SubmittedUnits)
    : IX12Segment
{
    public static Svc Read(Segment s, X12Findings findings) => new(
        Procedure.Read(s, 1),
        s.RequiredNumber(2, findings),
        s.Number(3, findings) ?? 0m,
        s.Text(4),
        s.Number(5, findings),
        s.Text(6) is null ? null : Procedure.Read(s, 6),
        s.Number(7, findings));

    public void WriteTo(SegmentWriter x12) => x12.Write(
        "SVC", Procedure.ToElement(), ChargeUsd, PaidUsd, Revenue, PaidUnits, Submitted?.ToElement() ?? NotUsed, SubmittedUnits);
}

/// <summary>PLB, provider-level adjustments: up to six pairs of code:reference and amount. A positive amount lowers the payment.</summary>
internal sealed record Plb(string Provider, string FiscalPeriodEnd, IReadOnlyList<PlbAdjustment> Adjustments) : IX12Segment
{
    public static Plb Read(Segment s, X12Findings findings)
    {
        var adjustments = new List<PlbAdjustment>(1);
        for (var n = 3; n <= 13; n += 2)
        {
            if (s.Components(n) is not [var code, .. var rest])
                continue;
            adjustments.Add(new PlbAdjustment(code, rest is [{ Length: > 0 } reference, ..] ? reference : null, s.RequiredNumber(n + 1, findings)));
        }

        if (adjustments.Count == 0)
            findings.Refuse("IK4-1", "PLB03 is required.", s.At(3));
        return new Plb(s[1], s[2], adjustments);
    }

    public void WriteTo(SegmentWriter x12)
    {
        Element[] elements =
        [
            Provider, FiscalPeriodEnd, .. Adjustments.SelectMany(a => new Element[] { Composite(a.Code, a.Reference), a.AmountUsd }),
        ];
        x12.Write("PLB", elements);
    }
}

/// <summary>One provider-level adjustment: WO recovery, FB forwarding balance, L6 interest, 72 authorised return, CS adjustment …</summary>
internal sealed record PlbAdjustment(string Code, string? Reference, decimal AmountUsd);
