using FhirEmr.BillingBridge.X12.Syntax;
using static FhirEmr.BillingBridge.X12.Syntax.Element;

namespace FhirEmr.BillingBridge.X12.Segments;

/// <summary>SVC of a 276, 277 or 277CA: the line asked about or answered. The same letters mean a payment in an 835, see <see cref="Svc"/>.</summary>
/// <param name="ChargeUsd">SVC02.</param>
/// <param name="PaidUsd">SVC03, in answers only.</param>
/// <param name="Units">SVC07.</param>
internal sealed record StatusSvc(Procedure Procedure, decimal ChargeUsd, decimal? PaidUsd, string? Revenue, decimal? Units) : IX12Segment
{
    public static IX12Segment Read(Segment s, X12Findings findings) => s is { Count: <= 7 } && s.Text(5) is null && s.Text(6) is null
        ? new StatusSvc(Procedure.Read(s, 1), s.RequiredNumber(2, findings), s.Number(3, findings), s.Text(4), s.Number(7, findings))
        : new RawSegment(s);

    public void WriteTo(SegmentWriter x12) => x12.Write("SVC", Procedure.ToElement(), ChargeUsd, PaidUsd, Revenue, NotUsed, NotUsed, Units);
}
