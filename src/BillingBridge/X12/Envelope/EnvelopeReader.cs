using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Envelope;

/// <summary>What a segment is to the envelope.</summary>
internal enum EnvelopePart
{
    InterchangeStart,
    InterchangeAck,
    GroupStart,
    SetStart,
    Body,
    SetEnd,
    GroupEnd,
    InterchangeEnd,
}

/// <summary>One segment and its part in the envelope.</summary>
internal readonly record struct EnvelopeSegment(EnvelopePart Part, Segment Segment);

/// <summary>Walks ISA/GS/ST…SE/GE/IEA, numbering the segments of each set and checking counts and control numbers.</summary>
/// <remarks>
/// A wrong count or control number is a warning, because real files have them and the money may still add up; a missing header or
/// trailer is a refusal, because then nobody knows what is missing.
/// </remarks>
internal sealed class EnvelopeReader(Stream stream, X12Findings findings)
{
    private readonly SegmentReader _segments = new(stream, findings);
    private readonly HashSet<string> _groupNumbers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _setNumbers = new(StringComparer.Ordinal);
    private Segment? _last;
    private int _setPosition;
    private int _sets;
    private int _groups;
    private long _refusalsBeforeSet;

    public X12Findings Findings => findings;

    public SegmentReader Syntax => _segments;

    /// <summary>The interchange being read; null outside.</summary>
    public Isa? Interchange { get; private set; }

    public Segment? InterchangeSegment { get; private set; }

    /// <summary>The functional group being read; null outside.</summary>
    public Gs? Group { get; private set; }

    public Segment? GroupSegment { get; private set; }

    /// <summary>The transaction set being read; null outside.</summary>
    public St? Set { get; private set; }

    public Segment? SetSegment { get; private set; }

    /// <summary>Whether anything since the last ST, itself included, forbids the use of its set.</summary>
    public bool IsSetRefused => findings.Refusals > _refusalsBeforeSet;

    /// <summary>The next segment; null at the end of the file.</summary>
    public async ValueTask<EnvelopeSegment?> ReadAsync(CancellationToken ct)
    {
        while (await _segments.ReadAsync(ct) is { } segment)
        {
            _last = segment;
            if (Classify(segment) is { } part)
                return new EnvelopeSegment(part, segment);
        }

        ReportOpenEnd();
        return null;
    }

    private EnvelopePart? Classify(Segment segment) => segment.Id switch
    {
        "ISA" => StartInterchange(segment),
        "TA1" when Group is null => EnvelopePart.InterchangeAck,
        "GS" => StartGroup(segment),
        "ST" => StartSet(segment),
        "SE" => EndSet(segment),
        "GE" => EndGroup(segment),
        "IEA" => EndInterchange(segment),
        _ => Body(segment),
    };

    private EnvelopePart StartInterchange(Segment segment)
    {
        ReportOpenEnd();
        Interchange = Isa.Read(segment);
        InterchangeSegment = segment;
        _groups = 0;
        _groupNumbers.Clear();
        findings.BusinessUnit = null;
        if (Interchange.Version != "00501")
            findings.Refuse("TA1-017", $"ISA12 is {Interchange.Version}; this reader takes 00501.", segment.At(12));
        if (Interchange.UsageIndicator is not ("P" or "T"))
            findings.Refuse("TA1-020", "ISA15 must be P or T.", segment.At(15));
        return EnvelopePart.InterchangeStart;
    }

    private EnvelopePart StartGroup(Segment segment)
    {
        if (Interchange is null)
            findings.Refuse("SYN-ENVELOPE", "GS stands outside an interchange.", segment.At());
        if (Group is not null)
            Missing("GE", segment);
        Group = Gs.Read(segment);
        GroupSegment = segment;
        _groups++;
        _sets = 0;
        _setNumbers.Clear();
        if (Group.ControlNumber.Length == 0)
            findings.Refuse("AK9-6", "GS06, the number of the group, is required.", segment.At(6));
        else if (!_groupNumbers.Add(Group.ControlNumber))
            findings.Refuse("AK9-19", $"GS06 {Group.ControlNumber} stands for two groups of one interchange.", segment.At(6));
        return EnvelopePart.GroupStart;
    }

    private EnvelopePart StartSet(Segment segment)
    {
        if (Group is null)
            findings.Refuse("SYN-ENVELOPE", "ST stands outside a functional group.", segment.At());
        if (Set is not null)
            Missing("SE", segment);
        Set = St.Read(segment);
        SetSegment = segment;
        _refusalsBeforeSet = findings.Refusals;
        findings.BusinessUnit = null;
        _sets++;
        _setPosition = 0;
        Number(segment);
        if (Set.ControlNumber.Length == 0)
            findings.Refuse("IK5-7", "ST02 is required.", segment.At(2));
        else if (!_setNumbers.Add(Set.ControlNumber))
            findings.Refuse("IK5-23", $"ST02 {Set.ControlNumber} stands for two sets of one group.", segment.At(2));
        if (Set.Guide is { } guide && Group is not null && guide != Group.Guide)
            findings.Warn("IK5-I6", $"ST03 is {guide}, GS08 is {Group.Guide}.", segment.At(3));
        return EnvelopePart.SetStart;
    }

    private EnvelopePart? Body(Segment segment)
    {
        if (Set is null)
        {
            findings.Refuse("SYN-ENVELOPE", $"{segment.Id} stands outside a transaction set.", segment.At());
            return null;
        }

        Number(segment);
        return EnvelopePart.Body;
    }

    private EnvelopePart? EndSet(Segment segment)
    {
        if (Set is null)
        {
            findings.Refuse("SYN-ENVELOPE", "SE without ST.", segment.At());
            return null;
        }

        Number(segment);
        CheckCount(segment, 1, _setPosition, "IK5-4", "segments from ST to SE");
        CheckControl(segment, Set.ControlNumber, "IK5-3", "ST02");
        Set = null;
        return EnvelopePart.SetEnd;
    }

    private EnvelopePart? EndGroup(Segment segment)
    {
        if (Set is not null)
            Missing("SE", segment);
        Set = null;
        if (Group is null)
        {
            findings.Refuse("SYN-ENVELOPE", "GE without GS.", segment.At());
            return null;
        }

        CheckCount(segment, 1, _sets, "AK9-5", "transaction sets");
        CheckControl(segment, Group.ControlNumber, "AK9-4", "GS06");
        Group = null;
        return EnvelopePart.GroupEnd;
    }

    private EnvelopePart? EndInterchange(Segment segment)
    {
        if (Group is not null)
            Missing("GE", segment);
        Set = null;
        Group = null;
        if (Interchange is null)
        {
            findings.Refuse("SYN-ENVELOPE", "IEA without ISA.", segment.At());
            return null;
        }

        CheckCount(segment, 1, _groups, "TA1-021", "functional groups");
        CheckControl(segment, Interchange.ControlNumber, "TA1-001", "ISA13");
        Interchange = null;
        return EnvelopePart.InterchangeEnd;
    }

    private void Number(Segment segment)
    {
        segment.SetPosition = ++_setPosition;
        segment.SetControlNumber = Set!.ControlNumber;
    }

    private void CheckCount(Segment segment, int element, int counted, string code, string what)
    {
        if (!int.TryParse(segment[element], out var told) || told != counted)
            findings.Warn(code, $"{segment.Id}{element:00} says {segment[element]} {what}; there are {counted}.", segment.At(element));
    }

    private void CheckControl(Segment segment, string opened, string code, string header)
    {
        if (!string.Equals(segment[2].Trim().TrimStart('0'), opened.TrimStart('0'), StringComparison.Ordinal))
            findings.Warn(code, $"{segment.Id}02 is {segment[2]}, {header} is {opened}.", segment.At(2));
    }

    private void Missing(string trailer, Segment before) =>
        findings.Refuse("SYN-ENVELOPE", $"{trailer} is missing before {before.Id}; the content above it is not complete.", before.AtMissing(trailer));

    private void ReportOpenEnd()
    {
        if (_last is not null && Interchange is not null)
        {
            var trailer = Set is not null ? "SE" : Group is not null ? "GE" : "IEA";
            findings.Refuse("SYN-TRUNCATED", $"The file ends without {trailer}; it is not complete.", _last.AtMissing(trailer));
        }

        Set = null;
        Group = null;
        Interchange = null;
    }
}
