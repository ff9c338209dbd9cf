using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>277CA (005010X214) in stream order: a set, then its levels: source 20, receiver 21, provider 19, claim PT.</summary>
internal abstract record ClaimAck277CAItem
{
    private ClaimAck277CAItem()
    {
    }

    /// <summary>Start of a set.</summary>
    public sealed record Set(St St, Bht Bht) : ClaimAck277CAItem;

    /// <summary>One HL with everything under it.</summary>
    /// <param name="Parent">The level HL02 names; null at the top.</param>
    /// <param name="Details">NM1, TRN, STC, QTY, AMT, REF, DTP, and SVC, STC, REF*FJ of lines, in the order of the file.</param>
    public sealed record Level(Hl Hl, Level? Parent, IReadOnlyList<IX12Segment> Details) : ClaimAck277CAItem
    {
        public bool IsClaim => Hl.Level == "PT";

        /// <summary>TRN*2: our BHT03 at level 21, our patient control number at PT; null when absent or blank.</summary>
        public string? Trace => Details.OfType<Trn>().FirstOrDefault(t => t.Type == "2" && !string.IsNullOrWhiteSpace(t.Number))?.Number;

        /// <summary>Statuses of the level itself, not of its lines.</summary>
        public IEnumerable<Stc> Statuses => Details.TakeWhile(d => d is not RawSegment { Segment.Id: "SVC" }).OfType<Stc>();

        public string? Reference(string qualifier) => Details.OfType<Ref>().FirstOrDefault(r => r.Qualifier == qualifier && r.Value.Length > 0)?.Value;
    }

    /// <summary>End of the set.</summary>
    public sealed record End(string SetControlNumber, bool IsRefused) : ClaimAck277CAItem;
}

/// <summary>Reads and writes 277CA level by level.</summary>
internal static class ClaimAck277CA
{
    public static async IAsyncEnumerable<ClaimAck277CAItem> ReadAsync(EnvelopeReader envelope, [EnumeratorCancellation] CancellationToken ct)
    {
        ClaimAck277CAAssembler? set = null;
        var refusalsBefore = 0L;
        while (await envelope.ReadAsync(ct) is { } next)
        {
            switch (next.Part)
            {
                case EnvelopePart.SetStart:
                    refusalsBefore = envelope.Findings.Refusals;
                    set = Guides.Check(envelope, "277", Guides.ClaimAck277)
                        ? new ClaimAck277CAAssembler(envelope.Set!, envelope.SetSegment!, envelope.Findings)
                        : null;
                    break;
                case EnvelopePart.Body when set is not null:
                    if (set.Add(next.Segment) is { } item)
                        yield return item;
                    break;
                case EnvelopePart.SetEnd when set is not null:
                    if (set.Finish() is { } last)
                        yield return last;
                    yield return new ClaimAck277CAItem.End(set.ControlNumber, envelope.Findings.Refusals > refusalsBefore);
                    set = null;
                    break;
                default:
                    break;
            }
        }
    }

    public static void Write(ClaimAck277CAItem item, EnvelopeWriter envelope)
    {
        var x12 = envelope.Segments;
        switch (item)
        {
            case ClaimAck277CAItem.Set set:
                envelope.BeginSet(set.St);
                set.Bht.WriteTo(x12);
                break;
            case ClaimAck277CAItem.Level level:
                level.Hl.WriteTo(x12);
                foreach (var detail in level.Details)
                    detail.WriteTo(x12);
                break;
            default:
                envelope.EndSet();
                break;
        }
    }
}

/// <summary>Puts the segments of one 277CA set into levels.</summary>
internal sealed class ClaimAck277CAAssembler(St st, Segment stSegment, X12Findings findings)
{
    private readonly HierarchyCheck _hierarchy = new(findings);

    // Claims (PT) have no children, so the levels that stay here are one per provider.
    private readonly Dictionary<string, ClaimAck277CAItem.Level> _above = [];
    private bool _started;
    private Segment? _hlSegment;
    private ClaimAck277CAItem.Level? _level;
    private List<IX12Segment> _details = [];

    public string ControlNumber => st.ControlNumber;

    public ClaimAck277CAItem? Add(Segment segment)
    {
        // SVC means something else in an 835; here it stays as it came.
        switch (segment.Id == "SVC" ? new RawSegment(segment) : SegmentCatalog.Read(segment, findings))
        {
            case Bht bht:
                _started = true;
                return new ClaimAck277CAItem.Set(st, bht);
            case Hl hl:
                var finished = Close();
                _hierarchy.Check(segment, hl);
                _hlSegment = segment;
                _details = [];
                _level = new ClaimAck277CAItem.Level(hl, _above.GetValueOrDefault(hl.Parent ?? ""), _details);
                if (!_level.IsClaim)
                    _above[hl.Number] = _level;
                return finished;
            case var other:
                if (_level is null)
                    findings.Warn("IK3-2", $"{segment.Id} stands before the first HL.", segment.At());
                _details.Add(other);
                return null;
        }
    }

    public ClaimAck277CAItem? Finish()
    {
        if (!_started)
            findings.Refuse("IK3-3", "BHT is missing.", stSegment.AtMissing("BHT"));
        return Close();
    }

    private ClaimAck277CAItem.Level? Close()
    {
        if (_level is not { } level)
            return null;
        _level = null;
        if (level.IsClaim && level.Trace is null)
            findings.Refuse("IK3-3", "The claim has no TRN*2 with our control number.", _hlSegment!.AtMissing("TRN", "2200D"));
        if (level.IsClaim && !level.Statuses.Any())
            findings.Refuse("IK3-3", "The claim has no status (STC).", _hlSegment!.AtMissing("STC", "2200D"));
        return level;
    }
}
