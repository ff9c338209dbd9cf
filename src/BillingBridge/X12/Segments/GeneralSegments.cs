using FhirEmr.BillingBridge.X12.Syntax;
using static FhirEmr.BillingBridge.X12.Syntax.Element;

namespace FhirEmr.BillingBridge.X12.Segments;

/// <summary>BHT, beginning of a hierarchical transaction.</summary>
/// <param name="Structure">BHT01: 0019 claims, 0085 claim acknowledgement, 0022 eligibility, 0010 claim status.</param>
/// <param name="Purpose">BHT02: 00 original, 18 reissue, 13 request, 08 status, 11 response.</param>
/// <param name="Reference">BHT03, our batch reference, at most 30 characters.</param>
/// <param name="Type">BHT06: CH chargeable, RP reporting, TH acknowledgement, DG response.</param>
internal sealed record Bht(string Structure, string Purpose, string Reference, string Date, string Time, string? Type) : IX12Segment
{
    public static Bht Read(Segment s) => new(s[1], s[2], s[3], s[4], s[5], s.Text(6));

    public void WriteTo(SegmentWriter x12) => x12.Write("BHT", Structure, Purpose, Reference, Date, Time, Type);
}

/// <summary>HL, hierarchical level: 20 source, 21 receiver, 19 provider, 22 subscriber, 23 dependent, PT patient.</summary>
internal sealed record Hl(string Number, string? Parent, string Level, string? HasChildren) : IX12Segment
{
    public static Hl Read(Segment s) => new(s[1], s.Text(2), s[3], s.Text(4));

    public void WriteTo(SegmentWriter x12) => x12.Write("HL", Number, Parent, Level, HasChildren);
}

/// <summary>TRN, trace. In an 835 TRN02 is the check or EFT number, TRN03 <c>1</c> and the payer's tax id.</summary>
internal sealed record Trn(string Type, string Number, string? Originator, string? Reference) : IX12Segment
{
    public static Trn Read(Segment s) => new(s[1], s[2], s.Text(3), s.Text(4));

    public void WriteTo(SegmentWriter x12) => x12.Write("TRN", Type, Number, Originator, Reference);
}

/// <summary>DTP, date or period with qualifier; format D8 CCYYMMDD, RD8 CCYYMMDD-CCYYMMDD, DT with time.</summary>
internal sealed record Dtp(string Qualifier, string Format, string Value) : IX12Segment
{
    public static Dtp Day(string qualifier, DateOnly date) => new(qualifier, "D8", X12Text.Date(date));

    /// <summary>First day of the value, null when it is not a date.</summary>
    public DateOnly? Start => Value.Length >= 8 && X12Text.TryDate(Value[..8], out var day) ? day : null;

    /// <summary>Last day of a period; null when the value is one day or no date.</summary>
    public DateOnly? End => Format == "RD8" && Value.Length == 17 && X12Text.TryDate(Value[9..], out var day) ? day : null;

    /// <summary>A day, or a period when it ends on another.</summary>
    public static Dtp Days(string qualifier, DateOnly first, DateOnly? last) => last is { } end && end != first
        ? new Dtp(qualifier, "RD8", $"{X12Text.Date(first)}-{X12Text.Date(end)}")
        : Day(qualifier, first);

    public static Dtp Read(Segment s) => new(s[1], s[2], s[3]);

    public void WriteTo(SegmentWriter x12) => x12.Write("DTP", Qualifier, Format, Value);
}

/// <summary>DTM, date of an 835: 405 production, 232/233 claim period, 050 received, 472 service.</summary>
internal sealed record Dtm(string Qualifier, string Date) : IX12Segment
{
    public DateOnly? Day => X12Text.TryDate(Date, out var day) ? day : null;

    public static Dtm Read(Segment s) => new(s[1], s[2]);

    public void WriteTo(SegmentWriter x12) => x12.Write("DTM", Qualifier, Date);
}

/// <summary>AMT, amount with qualifier.</summary>
internal sealed record Amt(string Qualifier, decimal AmountUsd) : IX12Segment
{
    public static Amt Read(Segment s, X12Findings findings) => new(s[1], s.RequiredNumber(2, findings));

    public void WriteTo(SegmentWriter x12) => x12.Write("AMT", Qualifier, AmountUsd);
}

/// <summary>QTY, quantity with qualifier.</summary>
internal sealed record Qty(string Qualifier, decimal Quantity) : IX12Segment
{
    public static Qty Read(Segment s, X12Findings findings) => new(s[1], s.RequiredNumber(2, findings));

    public void WriteTo(SegmentWriter x12) => x12.Write("QTY", Qualifier, Quantity);
}

/// <summary>LX, line or group number.</summary>
internal sealed record Lx(string Number) : IX12Segment
{
    public static Lx Read(Segment s) => new(s[1]);

    public void WriteTo(SegmentWriter x12) => x12.Write("LX", Number);
}

/// <summary>LQ, remark code; HE = RARC.</summary>
internal sealed record Lq(string Qualifier, string Code) : IX12Segment
{
    public static Lq Read(Segment s) => new(s[1], s[2]);

    public void WriteTo(SegmentWriter x12) => x12.Write("LQ", Qualifier, Code);
}

/// <summary>CAS, adjustments of one group (CO, PR, OA, PI): one to six triples of reason, amount, quantity.</summary>
internal sealed record Cas(string Group, IReadOnlyList<CasTriple> Triples) : IX12Segment
{
    public decimal TotalUsd => Triples.Sum(t => t.AmountUsd);

    public static Cas Read(Segment s, X12Findings findings)
    {
        var triples = new List<CasTriple>(1);
        for (var n = 2; n <= 17; n += 3)
        {
            if (s.Text(n) is { } reason)
                triples.Add(new CasTriple(reason, s.RequiredNumber(n + 1, findings), s.Number(n + 2, findings)));
            else if (s.Text(n + 1) is not null)
                findings.Refuse("IK4-1", $"CAS{n:00} is required: an amount without a reason.", s.At(n));
        }

        if (triples.Count == 0)
            findings.Refuse("IK4-1", "CAS02 is required.", s.At(2));
        if (s[1].Length == 0)
            findings.Refuse("IK4-1", "CAS01, the adjustment group, is required.", s.At(1));
        else if (s[1] is not ("CO" or "PR" or "OA" or "PI" or "CR"))
            findings.Warn("IK4-7", $"CAS01 {s[1]} is not an adjustment group.", s.At(1));
        return new Cas(s[1], triples);
    }

    public void WriteTo(SegmentWriter x12)
    {
        var elements = new Element[1 + (3 * Triples.Count)];
        elements[0] = Group;
        foreach (var (i, triple) in Triples.Index())
        {
            elements[1 + (3 * i)] = triple.Reason;
            elements[2 + (3 * i)] = triple.AmountUsd;
            elements[3 + (3 * i)] = triple.Quantity;
        }

        x12.Write("CAS", elements);
    }
}

/// <summary>One adjustment: CARC, amount, and the units it concerns.</summary>
internal sealed record CasTriple(string Reason, decimal AmountUsd, decimal? Quantity = null);

/// <summary>The composite that names a service: <c>HC:code:m1:m2:m3:m4:description</c>.</summary>
internal sealed record Procedure(string Qualifier, string Code, IReadOnlyList<string> Modifiers, string? Description = null)
{
    public static Procedure Read(Segment s, int element)
    {
        var parts = s.Components(element);
        string At(int n) => n < parts.Length ? parts[n] : "";
        return new Procedure(At(0), At(1), [.. parts.Skip(2).Take(4).Where(m => m.Length > 0)], At(6) is { Length: > 0 } text ? text : null);
    }

    public Element ToElement()
    {
        string? At(int n) => n < Modifiers.Count ? Modifiers[n] : null;
        return Composite(Qualifier, Code, At(0), At(1), At(2), At(3), Description);
    }

    /// <summary>Code and modifiers as one text, for matching.</summary>
    public string Key => Modifiers.Count == 0 ? Code : $"{Code}:{string.Join(':', Modifiers)}";
}
