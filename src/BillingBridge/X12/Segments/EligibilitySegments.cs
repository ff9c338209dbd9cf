using FhirEmr.BillingBridge.X12.Syntax;
using static FhirEmr.BillingBridge.X12.Syntax.Element;

namespace FhirEmr.BillingBridge.X12.Segments;

/// <summary>EQ, what a 270 asks: a service type (EQ01) or a procedure (EQ02).</summary>
internal sealed record Eq(IReadOnlyList<string> ServiceTypes, Procedure? Procedure) : IX12Segment
{
    public static Eq Of(string serviceType) => new([serviceType], null);

    public static Eq Read(Segment s) => new(s.Repetitions(1), s.Text(2) is null ? null : Procedure.Read(s, 2));

    public void WriteTo(SegmentWriter x12) => x12.Write("EQ", EligibilityElements.Codes(ServiceTypes), Procedure?.ToElement() ?? NotUsed);
}

/// <summary>EB, one benefit of a 271.</summary>
/// <param name="Code">EB01: 1-5 active, 6 inactive, A co-insurance, B co-payment, C deductible, G out-of-pocket, F limitation …</param>
/// <param name="Level">EB02: IND, FAM …</param>
/// <param name="ServiceTypes">EB03.</param>
/// <param name="Period">EB06: 23 calendar year, 27 visit, 29 remaining …</param>
/// <param name="AmountUsd">EB07.</param>
/// <param name="PercentText">EB08 as written: <c>.2</c> is 20 percent.</param>
internal sealed record Eb(
    string Code,
    string? Level,
    IReadOnlyList<string> ServiceTypes,
    string? InsuranceType,
    string? PlanName,
    string? Period,
    decimal? AmountUsd,
    string? PercentText,
    string? QuantityQualifier,
    decimal? Quantity) : IX12Segment
{
    /// <summary>EB11: Y when an authorization or certification is needed.</summary>
    public string? AuthorizationNeeded { get; init; }

    /// <summary>EB12: Y in network, N out of it, W both, U unknown.</summary>
    public string? InNetwork { get; init; }

    /// <summary>EB13.</summary>
    public Procedure? Procedure { get; init; }

    /// <summary>EB08 as a fraction.</summary>
    public decimal? Fraction => PercentText is { } text && X12Text.TryAmount(text, out var value) ? value : null;

    public static Eb Read(Segment s, X12Findings findings)
    {
        if (s.Text(1) is null)
            findings.Refuse("IK4-1", "EB01, the kind of benefit, is required.", s.At(1));
        s.Number(8, findings); // a percentage that is none is named here and read as absent
        return new Eb(
            s[1], s.Text(2), s.Repetitions(3), s.Text(4), s.Text(5), s.Text(6), s.Number(7, findings), s.Text(8), s.Text(9), s.Number(10, findings))
        {
            AuthorizationNeeded = s.Text(11),
            InNetwork = s.Text(12),
            Procedure = s.Text(13) is null ? null : Procedure.Read(s, 13),
        };
    }

    public void WriteTo(SegmentWriter x12) => x12.Write(
        "EB", Code, Level, EligibilityElements.Codes(ServiceTypes), InsuranceType, PlanName, Period, AmountUsd, PercentText,
        QuantityQualifier, Quantity, AuthorizationNeeded, InNetwork, Procedure?.ToElement() ?? NotUsed);
}

/// <summary>AAA, a request that was not answered: reason and what to do about it.</summary>
/// <param name="IsValid">AAA01: Y when the request as such was sound.</param>
/// <param name="Reason">AAA03.</param>
/// <param name="FollowUp">AAA04: C correct and resend, R or P resend, N do not …</param>
internal sealed record Aaa(string IsValid, string? Reason, string? FollowUp) : IX12Segment
{
    public static Aaa Read(Segment s) => new(s[1], s.Text(3), s.Text(4));

    public void WriteTo(SegmentWriter x12) => x12.Write("AAA", IsValid, NotUsed, Reason, FollowUp);
}

/// <summary>INS, whether this is the subscriber and how the person is related; 001 and 25 say that the payer changed who it is.</summary>
internal sealed record Ins(string IsSubscriber, string Relationship, string? Maintenance, string? MaintenanceReason) : IX12Segment
{
    public bool SaysChanged => Maintenance == "001" && MaintenanceReason == "25";

    public static Ins Read(Segment s) => new(s[1], s[2], s.Text(3), s.Text(4));

    public void WriteTo(SegmentWriter x12) => x12.Write("INS", IsSubscriber, Relationship, Maintenance, MaintenanceReason);
}

/// <summary>MSG, free text of the payer.</summary>
internal sealed record Msg(string Text) : IX12Segment
{
    public static Msg Read(Segment s) => new(s[1]);

    public void WriteTo(SegmentWriter x12) => x12.Write("MSG", Text);
}

/// <summary>Elements that repeat one code.</summary>
file static class EligibilityElements
{
    public static Element Codes(IReadOnlyList<string> codes) => codes switch
    {
        [] => NotUsed,
        [var one] => one,
        _ => Repeat([.. codes.Select(c => (Element)c)]),
    };
}
