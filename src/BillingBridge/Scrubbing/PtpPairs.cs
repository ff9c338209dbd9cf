using FhirEmr.BillingBridge.Charges;
using FhirEmr.BillingBridge.Scrubbing.Edits;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>The NCCI pairs that the lines of one day make (billing spec 3.8): each line with each code of the day that it is bundled into.</summary>
internal static class PtpPairs
{
    private static readonly string[] Allowed =
    [
        "E1", "E2", "E3", "E4", "FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "TA", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9",
        "LT", "RT", "LC", "LD", "RC", "LM", "RI", "58", "78", "79", "27", "59", "91", "XE", "XS", "XP", "XU",
    ];

    private static readonly string[] OnVisitsOnly = ["24", "25", "57"];

    /// <param name="indicator">Of the edit: 0 no modifier separates, 1 one may.</param>
    public static IEnumerable<PtpPair> On(ClaimGraph claim, PtpTable table, char indicator)
    {
        // One pair for each line and each code it is bundled into: a code on many lines is one fault, not many.
        foreach (var day in claim.Lines.Where(l => l.From is not null).GroupBy(l => l.From!.Value))
        {
            var codes = day.GroupBy(l => l.Code).ToList();
            foreach (var one in codes)
            {
                foreach (var other in codes)
                {
                    if (one.Key == other.Key || table.Find(one.Key, other.Key, day.Key) is not { } edit || edit.ModifierIndicator != indicator)
                        continue;
                    // Lines without the modifier are compared with such lines first: a separated one does not excuse the others.
                    var first = one.FirstOrDefault(l => Separating(l) is null) ?? one.First();
                    var modifier = Separating(first);
                    foreach (var second in other)
                        yield return new PtpPair(first, second, edit, modifier ?? Separating(second));
                }
            }
        }
    }

    private static string? Separating(ScrubLine line) => line.Modifiers.Count == 0 ? null :
        line.Modifiers.FirstOrDefault(m => Allowed.Contains(m) || (OnVisitsOnly.Contains(m) && CodeFacts.IsEvaluationAndManagement(line.Code)));
}

/// <summary>Two lines with an edit between them; the modifier may be on either.</summary>
internal sealed record PtpPair(ScrubLine First, ScrubLine Second, PtpEdit Edit, string? Modifier)
{
    public bool IsSeparated => Modifier is not null;
}
