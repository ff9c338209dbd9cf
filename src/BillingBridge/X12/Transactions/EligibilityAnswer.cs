using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>What a 271 says about one person: who it is, what the person has, or why there is no answer.</summary>
/// <param name="Trace">TRN*2, else BHT03: the number of our question.</param>
/// <param name="Person">NM1 of the subscriber or dependent; null when the question was refused before anybody was looked up.</param>
/// <param name="About">N3, N4, REF, DMG, INS and DTP of the person, before the first EB.</param>
/// <param name="Benefits">EB and what hangs under each.</param>
/// <param name="Rejections">AAA of the person and of the levels above.</param>
internal sealed record EligibilityAnswer(
    string Trace, Nm1? Person, IReadOnlyList<IX12Segment> About, IReadOnlyList<BenefitLoop> Benefits, IReadOnlyList<Aaa> Rejections)
{
    /// <summary>The levels of a file → one answer for each person asked about, and one for a set that was refused above them.</summary>
    public static IEnumerable<EligibilityAnswer> Of(IEnumerable<HierarchyItem> items)
    {
        Bht? bht = null;
        HierarchyItem.Level? open = null;
        foreach (var item in items)
        {
            switch (item)
            {
                case HierarchyItem.Set set:
                    (bht, open) = (set.Bht, null);
                    break;
                case HierarchyItem.Level level:
                    // A subscriber above a dependent, a payer above everybody: the answer hangs at the end of the branch.
                    if (open is not null && !ReferenceEquals(level.Parent, open) && IsAnswer(open))
                        yield return From(open, bht);
                    open = level;
                    break;
                default:
                    if (open is not null && IsAnswer(open))
                        yield return From(open, bht);
                    open = null;
                    break;
            }
        }
    }

    private static bool IsAnswer(HierarchyItem.Level level) => level.IsPerson || Rejected(level).Any();

    private static IEnumerable<Aaa> Rejected(HierarchyItem.Level level) => level.Above().Prepend(level).SelectMany(l => l.Details.OfType<Aaa>());

    private static EligibilityAnswer From(HierarchyItem.Level level, Bht? bht) => new(
        level.Trace ?? bht?.Reference ?? "",
        level.IsPerson ? level.Name : null,
        [.. level.Details.TakeWhile(d => d is not Eb)],
        [.. BenefitLoop.Of(level)],
        [.. Rejected(level)]);
}

/// <summary>Loop 2110: EB with its REF, DTP, AAA, MSG and the other parties it names.</summary>
internal sealed record BenefitLoop(Eb Eb, IReadOnlyList<IX12Segment> Details)
{
    public IEnumerable<string> Messages => Details.OfType<Msg>().Select(m => m.Text);

    public static IEnumerable<BenefitLoop> Of(HierarchyItem.Level level)
    {
        var rest = level.Details.SkipWhile(d => d is not Segments.Eb).ToList();
        while (rest is [Segments.Eb eb, ..])
        {
            var details = rest.Skip(1).TakeWhile(d => d is not Segments.Eb).ToList();
            yield return new BenefitLoop(eb, details);
            rest = rest[(details.Count + 1)..];
        }
    }
}
