using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>What the transactions that are nothing but levels consist of (270, 271, 276, 277, 277CA, 278), in stream order: a set, then its levels.</summary>
internal abstract record HierarchyItem
{
    private HierarchyItem()
    {
    }

    /// <summary>Start of a set.</summary>
    public sealed record Set(St St, Bht Bht) : HierarchyItem;

    /// <summary>One HL with everything under it: source 20, receiver 21, provider 19, subscriber 22, dependent 23, claim PT, event EV, service SS.</summary>
    /// <param name="Parent">The level HL02 names; null at the top.</param>
    /// <param name="Details">NM1, TRN, STC, EB, EQ, REF, DTP … in the order of the file.</param>
    public sealed record Level(Hl Hl, Level? Parent, IReadOnlyList<IX12Segment> Details) : HierarchyItem
    {
        /// <summary>A claim of a 277CA.</summary>
        public bool IsClaim => Hl.Level == "PT";

        /// <summary>A subscriber or dependent of a 270, 271, 276 or 277.</summary>
        public bool IsPerson => Hl.Level is "22" or "23";

        /// <summary>TRN*2, the number the answer refers to; null when absent or blank.</summary>
        public string? Trace => Details.OfType<Trn>().FirstOrDefault(t => t.Type == "2" && !string.IsNullOrWhiteSpace(t.Number))?.Number;

        /// <summary>Statuses of the level itself, not of its lines.</summary>
        public IEnumerable<Stc> Statuses => Details.TakeWhile(d => !StatusClaim.IsLine(d)).OfType<Stc>();

        /// <summary>Whose level it is.</summary>
        public Nm1? Name => Details.OfType<Nm1>().FirstOrDefault();

        public string? Reference(string qualifier) => Details.OfType<Ref>().FirstOrDefault(r => r.Qualifier == qualifier && r.Value.Length > 0)?.Value;

        public IEnumerable<Level> Above()
        {
            for (var above = Parent; above is not null; above = above.Parent)
                yield return above;
        }
    }

    /// <summary>End of the set.</summary>
    /// <param name="IsRefused">Whether anything in the set forbids its use.</param>
    public sealed record End(string SetControlNumber, bool IsRefused) : HierarchyItem;
}
