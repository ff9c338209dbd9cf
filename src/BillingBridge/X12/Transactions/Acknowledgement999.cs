using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>999 (005010X231A1): what the receiver thinks of one functional group and its sets.</summary>
internal sealed record Acknowledgement999(St St, Ak1 Group, IReadOnlyList<SetResponse> Sets, Ak9 Verdict)
{
    /// <summary>Reads every 999 of a file.</summary>
    public static async IAsyncEnumerable<Acknowledgement999> ReadAsync(EnvelopeReader envelope, [EnumeratorCancellation] CancellationToken ct)
    {
        Acknowledgement999Assembler? set = null;
        while (await envelope.ReadAsync(ct) is { } next)
        {
            switch (next.Part)
            {
                case EnvelopePart.SetStart:
                    set = Guides.Check(envelope, "999", Guides.Acknowledgement999)
                        ? new Acknowledgement999Assembler(envelope.Set!, envelope.SetSegment!, envelope.Findings)
                        : null;
                    break;
                case EnvelopePart.Body when set is not null:
                    set.Add(next.Segment);
                    break;
                case EnvelopePart.SetEnd when set is not null:
                    if (set.Finish() is { } acknowledgement)
                        yield return acknowledgement;
                    set = null;
                    break;
                default:
                    break;
            }
        }
    }

    public void WriteTo(EnvelopeWriter envelope)
    {
        var x12 = envelope.Segments;
        envelope.BeginSet(St);
        Group.WriteTo(x12);
        foreach (var set in Sets)
            set.WriteTo(x12);
        Verdict.WriteTo(x12);
        envelope.EndSet();
    }
}

/// <summary>AK2 loop: one set, its errors, its verdict.</summary>
internal sealed record SetResponse(Ak2 Set, IReadOnlyList<SegmentError> Errors, Ik5 Verdict)
{
    public bool IsAccepted => Verdict.Code is "A" or "E";

    public void WriteTo(SegmentWriter x12)
    {
        Set.WriteTo(x12);
        foreach (var error in Errors)
            error.WriteTo(x12);
        Verdict.WriteTo(x12);
    }
}

/// <summary>IK3 loop: a segment with an error, its context, its elements.</summary>
internal sealed record SegmentError(Ik3 Segment, IReadOnlyList<IX12Segment> Contexts, IReadOnlyList<ElementError> Elements)
{
    /// <summary>The patient control number when the receiver names it (<c>CTX*CLM01:…</c>).</summary>
    public string? ControlNumber => Contexts.OfType<Ctx>().FirstOrDefault(c => c.Name == "CLM01")?.Value;

    public void WriteTo(SegmentWriter x12)
    {
        Segment.WriteTo(x12);
        foreach (var context in Contexts)
            context.WriteTo(x12);
        foreach (var element in Elements)
        {
            element.Element.WriteTo(x12);
            foreach (var context in element.Contexts)
                context.WriteTo(x12);
        }
    }
}

/// <summary>IK4 with its context.</summary>
internal sealed record ElementError(Ik4 Element, IReadOnlyList<IX12Segment> Contexts);

/// <summary>Puts the segments of one 999 set together.</summary>
internal sealed class Acknowledgement999Assembler(St st, Segment stSegment, X12Findings findings)
{
    private readonly List<SetResponse> _sets = [];
    private Ak1? _group;
    private Ak2? _set;
    private Ak9? _verdict;
    private List<SegmentError> _errors = [];
    private List<IX12Segment> _contexts = [];
    private List<ElementError> _elements = [];

    public void Add(Segment segment)
    {
        switch (SegmentCatalog.Read(segment, findings))
        {
            case Ak1 ak1:
                _group = ak1;
                break;
            case Ak2 ak2:
                (_set, _errors) = (ak2, []);
                break;
            case Ik3 ik3:
                (_contexts, _elements) = ([], []);
                _errors.Add(new SegmentError(ik3, _contexts, _elements));
                break;
            case Ik4 ik4:
                _contexts = [];
                _elements.Add(new ElementError(ik4, _contexts));
                break;
            case Ik5 ik5 when _set is not null:
                _sets.Add(new SetResponse(_set, _errors, ik5));
                _set = null;
                break;
            case Ak9 ak9:
                _verdict = ak9;
                break;
            case Ctx or RawSegment when segment.Id == "CTX":
                _contexts.Add(SegmentCatalog.Read(segment, findings));
                break;
            default:
                findings.Warn("IK3-2", $"{segment.Id} is unexpected in a 999.", segment.At());
                break;
        }
    }

    public Acknowledgement999? Finish()
    {
        if (_set is not null)
            findings.Refuse("IK3-3", $"Set {_set.SetControlNumber} has no IK5.", stSegment.AtMissing("IK5"));
        if (_group is null)
            findings.Refuse("IK3-3", "AK1 is missing.", stSegment.AtMissing("AK1"));
        if (_verdict is null)
            findings.Refuse("IK3-3", "AK9 is missing.", stSegment.AtMissing("AK9"));
        return _group is null || _verdict is null ? null : new Acknowledgement999(st, _group, _sets, _verdict);
    }
}
