using FhirEmr.BillingBridge.X12.Syntax;
using static FhirEmr.BillingBridge.X12.Syntax.Element;

namespace FhirEmr.BillingBridge.X12.Segments;

/// <summary>NM1, individual or organization: who, by name and id.</summary>
/// <param name="EntityCode">NM101: 85 billing, IL insured, PR payer, QC patient, 82 rendering, 77 facility, DN referring …</param>
/// <param name="EntityType">NM102: 1 person, 2 organization.</param>
/// <param name="IdQualifier">NM108: XX NPI, MI member id, PI payer id, 46 trading partner.</param>
internal sealed record Nm1(
    string EntityCode, string EntityType, string? Name, string? First, string? Middle, string? Prefix, string? Suffix, string? IdQualifier, string? Id)
    : IX12Segment
{
    public static Nm1 Organization(string entity, string? name, string? qualifier, string? id) =>
        new(entity, "2", name, null, null, null, null, qualifier, id);

    public static Nm1 Read(Segment s) =>
        new(s[1], s[2], s.Text(3), s.Text(4), s.Text(5), s.Text(6), s.Text(7), s.Text(8), s.Text(9));

    public void WriteTo(SegmentWriter x12) =>
        x12.Write("NM1", EntityCode, EntityType, Name, First, Middle, Prefix, Suffix, IdQualifier, Id);
}

/// <summary>N1, party of an 835: PR payer, PE payee.</summary>
internal sealed record N1(string EntityCode, string? Name, string? IdQualifier, string? Id) : IX12Segment
{
    public static N1 Read(Segment s) => new(s[1], s.Text(2), s.Text(3), s.Text(4));

    public void WriteTo(SegmentWriter x12) => x12.Write("N1", EntityCode, Name, IdQualifier, Id);
}

/// <summary>N3, street address.</summary>
internal sealed record N3(string Line1, string? Line2) : IX12Segment
{
    public static N3 Read(Segment s) => new(s[1], s.Text(2));

    public void WriteTo(SegmentWriter x12) => x12.Write("N3", Line1, Line2);
}

/// <summary>N4, city, state, ZIP without dash; country only outside the US.</summary>
internal sealed record N4(string City, string? State, string? Zip, string? Country) : IX12Segment
{
    public static N4 Read(Segment s) => new(s[1], s.Text(2), s.Text(3), s.Text(4));

    public void WriteTo(SegmentWriter x12) => x12.Write("N4", City, State, Zip, Country);
}

/// <summary>PER, contact: up to three numbers (TE phone, EM mail, FX fax, EX extension, UR web).</summary>
internal sealed record Per(string Function, string? Name, IReadOnlyList<PerNumber> Numbers) : IX12Segment
{
    public static Per Read(Segment s)
    {
        var numbers = new List<PerNumber>(3);
        for (var n = 3; n <= 7; n += 2)
        {
            if (s.Text(n) is { } qualifier)
                numbers.Add(new PerNumber(qualifier, s[n + 1]));
        }

        return new Per(s[1], s.Text(2), numbers);
    }

    public void WriteTo(SegmentWriter x12)
    {
        PerNumber? At(int n) => n < Numbers.Count ? Numbers[n] : null;
        x12.Write("PER", Function, Name, At(0)?.Qualifier, At(0)?.Number, At(1)?.Qualifier, At(1)?.Number, At(2)?.Qualifier, At(2)?.Number);
    }
}

/// <summary>One number of a <see cref="Per"/>.</summary>
internal sealed record PerNumber(string Qualifier, string Number);

/// <summary>REF, reference identification.</summary>
/// <param name="Description">REF03, used by few.</param>
internal sealed record Ref(string Qualifier, string Value, string? Description = null) : IX12Segment
{
    public static Ref Read(Segment s) => new(s[1], s[2], s.Text(3));

    public void WriteTo(SegmentWriter x12) => x12.Write("REF", Qualifier, Value, Description);
}

/// <summary>DMG, birth date (D8) and sex F/M/U.</summary>
internal sealed record Dmg(string BirthDate, string? Sex) : IX12Segment
{
    public static Dmg Read(Segment s) => new(s[2], s.Text(3));

    public void WriteTo(SegmentWriter x12) => x12.Write("DMG", "D8", BirthDate, Sex);
}

/// <summary>PRV, provider taxonomy: BI billing, PE performing.</summary>
internal sealed record Prv(string Role, string Qualifier, string Taxonomy) : IX12Segment
{
    public static Prv Read(Segment s) => new(s[1], s[2], s[3]);

    public void WriteTo(SegmentWriter x12) => x12.Write("PRV", Role, Qualifier, Taxonomy);
}
