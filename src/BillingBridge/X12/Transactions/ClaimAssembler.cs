using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>One loop 2300 under construction, and the checks that need its segments at hand to name the place.</summary>
internal sealed class ClaimAssembler
{
    private readonly Segment _clmSegment;
    private readonly X12Findings _findings;
    private readonly Clm _clm;
    private readonly List<OtherPayerLoop> _others = [];
    private readonly List<LineLoop> _lines = [];
    private readonly List<(Segment Lx, Segment? Sv1)> _lineSegments = [];
    private readonly List<Segment> _adjudicationSegments = [];
    private List<LineAdjudicationLoop> _adjudications = [];
    private List<IX12Segment> _forms = [];

    public ClaimAssembler(Segment clmSegment, X12Findings findings)
    {
        _clmSegment = clmSegment;
        _findings = findings;
        _clm = Clm.Read(clmSegment, findings);
        Level = "2300";
    }

    public string ControlNumber => _clm.ControlNumber;

    public int? LineNumber => _lines.Count == 0 ? null : _lines.Count;

    public bool HasLine => _lines.Count > 0;

    /// <summary>2300, 2320 or 2400: where an NM1 would belong.</summary>
    public string Level { get; private set; }

    public List<IX12Segment> Details { get; } = [];

    public List<PartyLoop> Providers { get; } = [];

    public (List<IX12Segment> Details, List<PartyLoop> Parties) OpenOtherPayer()
    {
        Level = "2320";
        var (details, parties) = (new List<IX12Segment>(), new List<PartyLoop>());
        _others.Add(new OtherPayerLoop(details, parties));
        return (details, parties);
    }

    public (List<IX12Segment> Details, List<PartyLoop> Parties) OpenLine(Segment lx)
    {
        Level = "2400";
        var (details, parties) = (new List<IX12Segment>(), new List<PartyLoop>());
        _adjudications = [];
        _forms = [];
        _lines.Add(new LineLoop(Lx.Read(lx), details, parties, _adjudications) { Forms = _forms });
        _lineSegments.Add((lx, null));
        return (details, parties);
    }

    public List<IX12Segment> OpenAdjudication(Segment svd)
    {
        var details = new List<IX12Segment>();
        _adjudications.Add(new LineAdjudicationLoop(Svd.Read(svd, _findings), details));
        _adjudicationSegments.Add(svd);
        return details;
    }

    /// <summary>2440 of the line: one list for all its forms, whose LQ and FRM follow each other.</summary>
    public List<IX12Segment> OpenForm() => _forms;

    /// <summary>Remembers the segments that later checks point at.</summary>
    public void Watch(Segment segment, string loop)
    {
        if (segment.Id == "SV1" && loop == "2400" && _lineSegments is [.., var (lx, sv1)] && sv1 is null)
            _lineSegments[^1] = (lx, segment);
    }

    public ClaimLoop Finish()
    {
        var claim = new ClaimLoop(_clm, Details, Providers, _others, _lines);
        CheckHeader(claim);
        CheckLines(claim);
        CheckPriorPayers(claim);
        return claim;
    }

    private void CheckHeader(ClaimLoop claim)
    {
        if (_clm.ControlNumber.Length == 0)
            _findings.Refuse("IK4-1", "CLM01, the patient control number, is required.", _clmSegment.At(1, loop: "2300"));
        if (_clm.Frequency.Length == 0)
            _findings.Refuse("IK4-1", "CLM05-3, the frequency, is required: 1 original, 7 replacement, 8 void.", _clmSegment.At(5, 3, "2300"));
        else if (_clm.Frequency is not ("1" or "7" or "8"))
            _findings.Refuse("IK4-7", $"CLM05-3 {_clm.Frequency} is no frequency: 1 original, 7 replacement, 8 void.", _clmSegment.At(5, 3, "2300"));
        else if (_clm.Frequency is "7" or "8" && claim.Reference("F8") is null)
            _findings.Refuse("IK3-I6", $"Frequency {_clm.Frequency} (CLM05-3) needs the payer's claim number in REF*F8.", _clmSegment.AtMissing("REF", "2300") with { Trigger = _clmSegment.At(5, 3, "2300") });

        if (claim.Diagnoses.Count == 0)
            _findings.Refuse("IK3-3", "The claim has no diagnosis (HI*ABK).", _clmSegment.AtMissing("HI", "2300"));
        var total = claim.Lines.Sum(l => l.Sv1?.ChargeUsd ?? 0m);
        if (claim.Lines.Count > 0 && total != _clm.ChargeUsd)
        {
            _findings.Refuse(
                "BAL-837",
                $"CLM02 is {X12Text.Amount(_clm.ChargeUsd)}; the lines (SV102) add up to {X12Text.Amount(total)}.",
                _clmSegment.At(2, loop: "2300"));
        }
    }

    private void CheckLines(ClaimLoop claim)
    {
        if (claim.Lines.Count is 0 or > 50)
            _findings.Refuse("IK3-4", $"A claim has 1 to 50 lines; this one has {claim.Lines.Count}.", _clmSegment.AtMissing("LX", "2400"));

        foreach (var (i, line) in claim.Lines.Index())
        {
            var (lx, sv1Segment) = _lineSegments[i];
            if (line.Sv1 is not { } sv1 || sv1Segment is null)
            {
                _findings.Refuse("IK3-3", "The line has no SV1.", lx.AtMissing("SV1", "2400"));
                continue;
            }

            if (sv1.Procedure.Code.Length == 0)
                _findings.Refuse("IK4-1", "SV101-2, the procedure, is required.", sv1Segment.At(1, 2, "2400"));
            CheckPointers(sv1, sv1Segment, claim.Diagnoses.Count);
            if (line.ServiceDate is not { } date)
                _findings.Refuse("IK3-3", "The line has no date of service (DTP*472).", lx.AtMissing("DTP", "2400"));
            else if (date.Start is null)
                _findings.Refuse("IK4-8", "DTP03 is not a date CCYYMMDD or a period of two.", lx.AtMissing("DTP", "2400") with { Element = 3 });
        }
    }

    private void CheckPointers(Sv1 sv1, Segment segment, int diagnoses)
    {
        if (sv1.Pointers.Count is 0 or > 4)
            _findings.Refuse("IK4-1", "SV107 holds one to four diagnosis pointers.", segment.At(7, loop: "2400"));
        foreach (var (p, pointer) in sv1.Pointers.Index())
        {
            if (!int.TryParse(pointer, out var n) || n < 1 || n > diagnoses)
                _findings.Refuse("IK4-7", $"Pointer {pointer} names no diagnosis; the claim has {diagnoses}.", segment.At(7, p + 1, "2400"));
        }
    }

    // Coordination of benefits: each prior payer's line and claim must add up (guide, section 1.4.4).
    private void CheckPriorPayers(ClaimLoop claim)
    {
        var segment = 0;
        foreach (var line in claim.Lines)
        {
            foreach (var adjudication in line.Adjudications)
            {
                var svd = _adjudicationSegments[segment++];
                if (claim.OtherPayers.All(o => o.PayerId != adjudication.Svd.Payer))
                    _findings.Refuse("IK4-7", $"SVD01 {adjudication.Svd.Payer} is no payer of loop 2330B (NM109).", svd.At(1, loop: "2430"));
                var explained = adjudication.Svd.PaidUsd + Adjusted(adjudication.Details);
                if (line.Sv1 is { } sv1 && sv1.ChargeUsd != explained)
                {
                    _findings.Refuse(
                        "BAL-COB",
                        $"The prior payer's payment and adjustments add up to {X12Text.Amount(explained)}; SV102 is {X12Text.Amount(sv1.ChargeUsd)}.",
                        svd.At(2, loop: "2430"));
                }
            }
        }

        foreach (var other in claim.OtherPayers.Where(o => o.PaidUsd is not null))
        {
            var ofPayer = claim.Lines.SelectMany(l => l.Adjudications).Where(a => a.Svd.Payer == other.PayerId).ToList();
            var claimLevel = Adjusted(other.Details);
            if (ofPayer.Count == 0 && claimLevel == 0)
                continue; // nothing reported to add up
            var explained = other.PaidUsd!.Value + claimLevel + ofPayer.Sum(a => Adjusted(a.Details));
            if (explained != claim.Clm.ChargeUsd)
            {
                _findings.Refuse(
                    "BAL-COB",
                    $"AMT*D and the adjustments of payer {other.PayerId} add up to {X12Text.Amount(explained)}; CLM02 is {X12Text.Amount(claim.Clm.ChargeUsd)}.",
                    _clmSegment.At(2, loop: "2320"));
            }

            // Follows from the two above unless a line says nothing of this payer; then it names what is missing.
            var ofLines = ofPayer.Sum(a => a.Svd.PaidUsd) - claimLevel;
            if (ofPayer.Count > 0 && other.PaidUsd != ofLines)
            {
                _findings.Refuse(
                    "BAL-COB",
                    $"AMT*D of payer {other.PayerId} is {X12Text.Amount(other.PaidUsd.Value)}; its lines (SVD02) less the adjustments of the claim are {X12Text.Amount(ofLines)}.",
                    _clmSegment.At(2, loop: "2320"));
            }
        }
    }

    private static decimal Adjusted(IEnumerable<IX12Segment> details) => details.OfType<Cas>().Sum(c => c.TotalUsd);
}
