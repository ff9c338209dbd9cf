using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Scrubbing;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>What a claim of a visit is decided on.</summary>
/// <param name="Sheet">All charges of the visit, coded and priced for <paramref name="First"/>.</param>
/// <param name="First">The coverage that is asked first.</param>
/// <param name="Shares">The charges by who is asked first for them.</param>
internal sealed record GatheredVisit(ChargeSheet Sheet, FeeSchedule Fees, ClaimHistory History, Coverage? First, IReadOnlyList<VisitShare> Shares)
{
    /// <summary>The share of the first coverage; null when there is nothing for it.</summary>
    public VisitShare? Own => Shares.FirstOrDefault(s => s.First?.Id == First?.Id);

    /// <summary>What a claim is held against: of a visit with several first payers, its own share and what it bills already, so that nothing of another's counts as missed.</summary>
    public ChargeSheet SheetOf(Claim claim)
    {
        if (Shares.Count <= 1)
            return Sheet;
        var billed = claim.Item.Select(i => i.ChargeItem()?.Reference).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return Sheet with
        {
            Lines = [.. Sheet.Lines.Where(l => Own?.Charges.Lines.Any(o => (o.Source, o.Code) == (l.Source, l.Code)) == true || billed.Contains($"ChargeItem/{l.ChargeItemId}"))],
            Gaps = Own == Shares[0] ? Sheet.Gaps : [.. Sheet.Gaps.Where(g => g.Kind is not (CodingGapKind.Visit or CodingGapKind.Service))],
        };
    }
}
