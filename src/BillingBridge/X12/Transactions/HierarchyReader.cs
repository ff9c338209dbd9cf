using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>Reads and writes the transactions of levels, level by level; what stays in memory is the way up from the level at hand.</summary>
internal static class HierarchyReader
{
    public static async IAsyncEnumerable<HierarchyItem> ReadAsync(
        EnvelopeReader envelope, HierarchyGuide guide, [EnumeratorCancellation] CancellationToken ct)
    {
        HierarchyAssembler? set = null;
        while (await envelope.ReadAsync(ct) is { } next)
        {
            switch (next.Part)
            {
                case EnvelopePart.SetStart:
                    set = Guides.Check(envelope, guide.SetId, guide.Guide)
                        ? new HierarchyAssembler(guide, envelope.Set!, envelope.SetSegment!, envelope.Findings)
                        : null;
                    break;
                case EnvelopePart.Body when set is not null:
                    if (set.Add(next.Segment) is { } item)
                        yield return item;
                    break;
                case EnvelopePart.SetEnd when set is not null:
                    if (set.Finish() is { } last)
                        yield return last;
                    yield return new HierarchyItem.End(set.ControlNumber, envelope.IsSetRefused);
                    set = null;
                    break;
                default:
                    break;
            }
        }
    }

    public static void Write(HierarchyItem item, EnvelopeWriter envelope)
    {
        var x12 = envelope.Segments;
        switch (item)
        {
            case HierarchyItem.Set set:
                envelope.BeginSet(set.St);
                set.Bht.WriteTo(x12);
                break;
            case HierarchyItem.Level level:
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

/// <summary>Puts the segments of one set into levels.</summary>
internal sealed class HierarchyAssembler(HierarchyGuide guide, St st, Segment stSegment, X12Findings findings)
{
    private readonly HierarchyCheck _hierarchy = new(findings);

    // Children follow their parent at once, so the way up is all that a later HL02 can name.
    private readonly Stack<HierarchyItem.Level> _above = [];
    private bool _started;
    private HierarchyItem.Level? _level;
    private Segment? _hlSegment;
    private List<IX12Segment> _details = [];
    private List<Segment> _segments = [];

    public string ControlNumber => st.ControlNumber;

    public HierarchyItem? Add(Segment segment)
    {
        switch (segment.Id switch
        {
            "SVC" => StatusSvc.Read(segment, findings),
            "SV1" => ReviewService.Read(segment, findings),
            _ => SegmentCatalog.Read(segment, findings),
        })
        {
            case Bht bht:
                _started = true;
                if (bht.Structure != guide.Structure)
                    findings.Warn("IK4-7", $"BHT01 is {bht.Structure}; a {guide.SetId} of this guide has {guide.Structure}.", segment.At(1));
                return new HierarchyItem.Set(st, bht);
            case Hl hl:
                var finished = Close();
                Open(segment, hl);
                return finished;
            case var other:
                if (_level is null)
                    findings.Warn("IK3-2", $"{segment.Id} stands before the first HL.", segment.At());
                _details.Add(other);
                _segments.Add(segment);
                return null;
        }
    }

    public HierarchyItem? Finish()
    {
        if (!_started)
            findings.Refuse("IK3-3", "BHT is missing.", stSegment.AtMissing("BHT"));
        if (_level is null)
            findings.Refuse("IK3-3", "The set has no levels (HL).", stSegment.AtMissing("HL", "2000A"));
        return Close();
    }

    private void Open(Segment segment, Hl hl)
    {
        _hierarchy.Check(segment, hl);
        if (!guide.Levels.Contains(hl.Level))
            findings.Refuse("IK4-7", $"HL03 {hl.Level} is no level of a {guide.SetId} ({string.Join(", ", guide.Levels)}).", segment.At(3));

        while (_above.TryPeek(out var top) && top.Hl.Number != hl.Parent)
            _above.Pop();
        (_hlSegment, _details, _segments) = (segment, [], []);
        _level = new HierarchyItem.Level(hl, _above.TryPeek(out var parent) ? parent : null, _details);
        _above.Push(_level);
    }

    private HierarchyItem.Level? Close()
    {
        if (_level is not { } level || _hlSegment is null)
            return null;
        _level = null;
        guide.Check(new ReadLevel(level, _hlSegment, _segments), findings);
        return level;
    }
}
