using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>Loop 2200 of a 276 or 277: one claim of a person. A person may have several; each starts with its TRN.</summary>
/// <param name="Details">STC, REF, AMT, DTP of the claim, then SVC, STC, REF, DTP of its lines.</param>
internal sealed record StatusClaim(Trn Trn, IReadOnlyList<IX12Segment> Details)
{
    /// <summary>Statuses of the claim itself, not of its lines.</summary>
    public IEnumerable<Stc> Statuses => Details.TakeWhile(d => !IsLine(d)).OfType<Stc>();

    /// <summary>A reference of the claim itself: 1K the payer's number, EJ our patient control number, D9 our trace.</summary>
    public string? Reference(string qualifier) =>
        Details.TakeWhile(d => !IsLine(d)).OfType<Ref>().FirstOrDefault(r => r.Qualifier == qualifier && r.Value.Length > 0)?.Value;

    public static IEnumerable<StatusClaim> Of(HierarchyItem.Level level)
    {
        var rest = level.Details.SkipWhile(d => d is not Segments.Trn).ToList();
        while (rest is [Segments.Trn trace, ..])
        {
            var details = rest.Skip(1).TakeWhile(d => d is not Segments.Trn).ToList();
            yield return new StatusClaim(trace, details);
            rest = rest[(details.Count + 1)..];
        }
    }

    /// <summary>Whether a service line begins here.</summary>
    public static bool IsLine(IX12Segment segment) => segment is StatusSvc or RawSegment { Segment.Id: "SVC" };
}
