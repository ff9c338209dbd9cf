using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>The NCCI pairs that the lines of one day make (billing spec 3.8).</summary>
internal static class PtpPairs
{
    private static readonly string[] Allowed =
    [
        "E1", "E2", "E3", "E4", "FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "TA", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9",
        "LT", "RT", "LC", "LD", "RC", "LM", "RI", "58", "78", "79", "27", "59", "91", "XE", "XS", "XP", "XU",
    ];

    private static readonly string[] OnVisitsOnly = ["24", "25", "57"];

    public static IEnumerable<PtpPair> On(ClaimGraph claim, PtpTable table)
    {
        foreach (var first in claim.Lines)
        {
            foreach (var second in claim.Lines)
            {
                if (first.Index != second.Index && first.From is { } day && second.From == day && table.Find(first.Code, second.Code, day) is { } edit)
                    yield return new PtpPair(first, second, edit, Separating(first) ?? Separating(second));
            }
        }
    }

    private static string? Separating(ScrubLine line) =>
        line.Modifiers.FirstOrDefault(m => Allowed.Contains(m) || (OnVisitsOnly.Contains(m) && CodeFacts.IsEvaluationAndManagement(line.Code)));
}

/// <summary>Two lines with an edit between them; the modifier may be on either.</summary>
internal sealed record PtpPair(ScrubLine First, ScrubLine Second, PtpEdit Edit, string? Modifier)
{
    public bool IsSeparated => Modifier is not null;
}
