using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>What the levels of a 276, a 277 (005010X212) and a 277CA (005010X214) must hold.</summary>
internal static class ClaimStatusChecks
{
    public static void Request(ReadLevel read, X12Findings findings)
    {
        read.Require("NM1", "2100", $"The level has no name (NM1): HL03 {read.Level.Hl.Level}.", findings);
        if (!read.Level.IsPerson || read.HasChildren)
            return;
        if (!read.Level.Details.OfType<Trn>().Any(t => t is { Type: "1", Number.Length: > 0 }))
            findings.Refuse("IK3-3", "No claim is asked about (TRN*1).", read.Hl.AtMissing("TRN", "2200"));
        read.Require("DTP", "2200", "The claim has no date of service (DTP*472).", findings);
    }

    public static void Response(ReadLevel read, X12Findings findings)
    {
        if (!read.Level.IsPerson || read.HasChildren)
            return;
        var traces = read.Segments.Where(s => s.Id == "TRN" && s[1] == "2").ToList();
        if (traces.Count == 0)
            findings.Refuse("IK3-3", "The answer has no TRN*2 with our number.", read.Hl.AtMissing("TRN", "2200"));
        foreach (var (i, claim) in StatusClaim.Of(read.Level).Index())
        {
            if (!claim.Statuses.Any())
                findings.Refuse("IK3-3", "The claim has no status (STC).", (i < traces.Count ? traces[i] : read.Hl).AtMissing("STC", "2200"));
        }
    }

    public static void Acknowledgement(ReadLevel read, X12Findings findings)
    {
        if (!read.Level.IsClaim)
            return;
        if (read.Level.Trace is null)
            findings.Refuse("IK3-3", "The claim has no TRN*2 with our control number.", read.Hl.AtMissing("TRN", "2200D"));
        if (!read.Level.Statuses.Any())
            findings.Refuse("IK3-3", "The claim has no status (STC).", read.Hl.AtMissing("STC", "2200D"));
    }
}
