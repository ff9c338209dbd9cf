using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>What tells one transaction of levels from another.</summary>
/// <param name="SetId">ST01.</param>
/// <param name="Guide">GS08 and ST03.</param>
/// <param name="FunctionalId">GS01.</param>
/// <param name="Structure">BHT01.</param>
/// <param name="Levels">HL03 the guide knows.</param>
/// <param name="Check">What a finished level must hold.</param>
internal sealed record HierarchyGuide(
    string SetId, string Guide, string FunctionalId, string Structure, IReadOnlyList<string> Levels, Action<ReadLevel, X12Findings> Check)
{
    public static HierarchyGuide Eligibility270 { get; } =
        new("270", Guides.Eligibility, "HS", "0022", ["20", "21", "22", "23"], EligibilityChecks.Request);

    public static HierarchyGuide Eligibility271 { get; } =
        new("271", Guides.Eligibility, "HB", "0022", ["20", "21", "22", "23"], EligibilityChecks.Response);

    public static HierarchyGuide ClaimStatus276 { get; } =
        new("276", Guides.ClaimStatus, "HR", "0010", ["20", "21", "19", "22", "23"], ClaimStatusChecks.Request);

    public static HierarchyGuide ClaimStatus277 { get; } =
        new("277", Guides.ClaimStatus, "HN", "0010", ["20", "21", "19", "22", "23"], ClaimStatusChecks.Response);

    public static HierarchyGuide Review278 { get; } =
        new("278", Guides.Review, "HI", "0007", ["20", "21", "22", "23", "EV", "SS"], ReviewChecks.Request);

    public static HierarchyGuide ReviewInquiry278 { get; } =
        new("278", Guides.ReviewInquiry, "HI", "0007", ["20", "21", "22", "23", "EV", "SS"], ReviewChecks.Request);

    public static HierarchyGuide ReviewAnswer278 { get; } =
        new("278", Guides.Review, "HI", "0007", ["20", "21", "22", "23", "EV", "SS"], ReviewChecks.Response);

    public static HierarchyGuide ReviewInquiryAnswer278 { get; } =
        new("278", Guides.ReviewInquiry, "HI", "0007", ["20", "21", "22", "23", "EV", "SS"], ReviewChecks.Response);

    public static HierarchyGuide ClaimAck277 { get; } =
        new("277", Guides.ClaimAck277, "HN", "0085", ["20", "21", "19", "PT"], ClaimStatusChecks.Acknowledgement);
}

/// <summary>A level with the segments it was read from, so that a check can name the place.</summary>
internal sealed record ReadLevel(HierarchyItem.Level Level, Segment Hl, IReadOnlyList<Segment> Segments)
{
    public bool HasChildren => Level.Hl.HasChildren == "1";

    public Segment? First(string id) => Segments.FirstOrDefault(s => s.Id == id);

    public void Require(string segmentId, string loop, string message, X12Findings findings)
    {
        if (First(segmentId) is null)
            findings.Refuse("IK3-3", message, Hl.AtMissing(segmentId, loop));
    }
}
