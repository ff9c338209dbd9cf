using FhirEmr.BillingBridge.X12.Syntax;
using static FhirEmr.BillingBridge.X12.Syntax.Element;

namespace FhirEmr.BillingBridge.X12.Segments;

/// <summary>UM, health care services review: what kind of authorisation is asked for.</summary>
/// <param name="Category">UM01: HS health services, AR admission, SC specialty care, IN individual.</param>
/// <param name="Certification">UM02: I initial, R renewal, S revised, 3 cancel, 1 and 2 appeal.</param>
/// <param name="ServiceType">UM03.</param>
/// <param name="Place">UM04-1, place of service.</param>
internal sealed record Um(string Category, string? Certification, string? ServiceType, string? Place) : IX12Segment
{
    /// <summary>UM04-2: B = place of service codes.</summary>
    public string PlaceQualifier { get; init; } = "B";

    public static Um Read(Segment s)
    {
        var place = s.Components(4);
        return new Um(s[1], s.Text(2), s.Text(3), place is [{ Length: > 0 } code, ..] ? code : null)
        {
            PlaceQualifier = place is [_, { Length: > 0 } qualifier, ..] ? qualifier : "B",
        };
    }

    public void WriteTo(SegmentWriter x12) =>
        x12.Write("UM", Category, Certification, ServiceType, Place is null ? NotUsed : Composite(Place, PlaceQualifier));
}

/// <summary>HCR, the payer's decision.</summary>
/// <param name="Action">HCR01: A1 certified in total, A2 in part, A3 not certified, A4 pended, A6 modified, C cancelled, CT contact the payer.</param>
/// <param name="Number">HCR02, the authorisation.</param>
/// <param name="Reason">HCR03.</param>
internal sealed record Hcr(string Action, string? Number, string? Reason) : IX12Segment
{
    public static Hcr Read(Segment s) => new(s[1], s.Text(2), s.Text(3));

    public void WriteTo(SegmentWriter x12) => x12.Write("HCR", Action, Number, Reason);
}

/// <summary>SV1 of a 278: the service asked for or certified. The charge is not required here as it is on a claim, see <see cref="Sv1"/>.</summary>
internal sealed record ReviewService(Procedure Procedure, decimal? ChargeUsd, string? Unit, decimal? Units) : IX12Segment
{
    public static IX12Segment Read(Segment s, X12Findings findings) => s.Count <= 4
        ? new ReviewService(Procedure.Read(s, 1), s.Number(2, findings), s.Text(3), s.Number(4, findings))
        : new RawSegment(s);

    public void WriteTo(SegmentWriter x12) => x12.Write("SV1", Procedure.ToElement(), ChargeUsd, Unit, Units);
}
