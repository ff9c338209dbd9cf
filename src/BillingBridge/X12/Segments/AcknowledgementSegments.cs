using FhirEmr.BillingBridge.X12.Syntax;
using static FhirEmr.BillingBridge.X12.Syntax.Element;

namespace FhirEmr.BillingBridge.X12.Segments;

/// <summary>AK1, the functional group answered: AK102 = our GS06.</summary>
internal sealed record Ak1(string FunctionalId, string GroupControlNumber, string? Guide) : IX12Segment
{
    public static Ak1 Read(Segment s) => new(s[1], s[2], s.Text(3));

    public void WriteTo(SegmentWriter x12) => x12.Write("AK1", FunctionalId, GroupControlNumber, Guide);
}

/// <summary>AK2, the transaction set answered: AK202 = our ST02.</summary>
internal sealed record Ak2(string SetId, string SetControlNumber, string? Guide) : IX12Segment
{
    public static Ak2 Read(Segment s) => new(s[1], s[2], s.Text(3));

    public void WriteTo(SegmentWriter x12) => x12.Write("AK2", SetId, SetControlNumber, Guide);
}

/// <summary>IK3, a segment with an error. IK302 counts from ST = 1.</summary>
internal sealed record Ik3(string SegmentId, string Position, string? Loop, string? Error) : IX12Segment
{
    public static Ik3 Read(Segment s) => new(s[1], s[2], s.Text(3), s.Text(4));

    public void WriteTo(SegmentWriter x12) => x12.Write("IK3", SegmentId, Position, Loop, Error);
}

/// <summary>CTX naming the business object, <c>CLM01:PCN10184</c>. Situational triggers stay raw.</summary>
internal sealed record Ctx(string Name, string? Value) : IX12Segment
{
    public static IX12Segment Read(Segment s) =>
        s is { Count: 1 } && s.Components(1) is [var name, .. var rest] ? new Ctx(name, rest is [var value, ..] ? value : null) : new RawSegment(s);

    public void WriteTo(SegmentWriter x12) => x12.Write("CTX", Composite(Name, Value));
}

/// <summary>CTX naming the element that makes a segment required in this situation.</summary>
/// <param name="Position">Of its segment, ST = 1.</param>
internal sealed record CtxTrigger(string SegmentId, string Position, string Element, string? Component) : IX12Segment
{
    public void WriteTo(SegmentWriter x12) => x12.Write("CTX", "SITUATIONAL TRIGGER", SegmentId, Position, NotUsed, Composite(Element, Component));
}

/// <summary>IK4, an element with an error.</summary>
/// <param name="Element">IK401-1, element in the segment.</param>
/// <param name="Component">IK401-2.</param>
/// <param name="Repetition">IK401-3.</param>
/// <param name="Reference">IK402, data element number.</param>
/// <param name="BadValue">IK404, copy of what was sent.</param>
internal sealed record Ik4(string Element, string? Component, string? Repetition, string? Reference, string Error, string? BadValue) : IX12Segment
{
    public static Ik4 Read(Segment s)
    {
        var at = s.Components(1);
        string? Part(int n) => n < at.Length && at[n].Length > 0 ? at[n] : null;
        return new Ik4(Part(0) ?? "", Part(1), Part(2), s.Text(2), s[3], s.Text(4));
    }

    public void WriteTo(SegmentWriter x12) => x12.Write("IK4", Composite(Element, Component, Repetition), Reference, Error, BadValue);
}

/// <summary>IK5, verdict on a set: A accepted, E accepted with errors, R rejected, M W X security.</summary>
internal sealed record Ik5(string Code, IReadOnlyList<string> Errors) : IX12Segment
{
    public static Ik5 Read(Segment s) => new(s[1], [.. Enumerable.Range(2, 5).Select(n => s[n]).Where(e => e.Length > 0)]);

    public void WriteTo(SegmentWriter x12) => x12.Write("IK5", [Code, .. Errors.Select(e => (Element)e)]);
}

/// <summary>AK9, verdict on the group; P = some sets rejected.</summary>
internal sealed record Ak9(string Code, string Included, string Received, string Accepted, IReadOnlyList<string> Errors) : IX12Segment
{
    public static Ak9 Read(Segment s) => new(s[1], s[2], s[3], s[4], [.. Enumerable.Range(5, 5).Select(n => s[n]).Where(e => e.Length > 0)]);

    public void WriteTo(SegmentWriter x12) => x12.Write("AK9", [Code, Included, Received, Accepted, .. Errors.Select(e => (Element)e)]);
}

/// <summary>STC, status of a claim or line in a 277.</summary>
/// <param name="Statuses">STC01, STC10, STC11.</param>
/// <param name="Action">STC03: WQ accept, U reject.</param>
internal sealed record Stc(IReadOnlyList<StatusCode> Statuses, string? Date, string? Action, decimal? ChargeUsd) : IX12Segment
{
    /// <summary>STC05-STC09: paid amount, dates, method, check number.</summary>
    public IReadOnlyList<string?> Payment { get; init; } = [];

    /// <summary>STC12 free text.</summary>
    public string? Text { get; init; }

    public static Stc Read(Segment s, X12Findings findings)
    {
        int[] composites = [1, 10, 11];
        var statuses = composites.Select(s.Components).Where(c => c.Length > 0).Select(StatusCode.Read).ToArray();
        if (statuses.Length == 0)
            findings.Refuse("IK4-1", "STC01 is required.", s.At(1));
        return new Stc(statuses, s.Text(2), s.Text(3), s.Number(4, findings))
        {
            Payment = s.Count > 4 ? [.. Enumerable.Range(5, 5).Select(s.Text)] : [],
            Text = s.Text(12),
        };
    }

    public void WriteTo(SegmentWriter x12)
    {
        Element Status(int n) => n < Statuses.Count ? Statuses[n].ToElement() : NotUsed;
        string? Paid(int n) => n < Payment.Count ? Payment[n] : null;
        x12.Write("STC", Status(0), Date, Action, ChargeUsd, Paid(0), Paid(1), Paid(2), Paid(3), Paid(4), Status(1), Status(2), Text);
    }
}

/// <summary>Claim status: category (A1, A7, P1, F2 …), status code, entity.</summary>
internal sealed record StatusCode(string Category, string Status, string? Entity, string? CodeList = null)
{
    public static StatusCode Read(string[] parts)
    {
        string? Part(int n) => n < parts.Length && parts[n].Length > 0 ? parts[n] : null;
        return new StatusCode(Part(0) ?? "", Part(1) ?? "", Part(2), Part(3));
    }

    public Element ToElement() => Composite(Category, Status, Entity, CodeList);

    public override string ToString() => Entity is null ? $"{Category}:{Status}" : $"{Category}:{Status}:{Entity}";
}
