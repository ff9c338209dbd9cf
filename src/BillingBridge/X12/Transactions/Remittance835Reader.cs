using System.Runtime.CompilerServices;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>Reads 835 files claim by claim and checks that every line, claim and payment adds up to the cent.</summary>
internal static class Remittance835Reader
{
    public static async IAsyncEnumerable<Remittance835Item> ReadAsync(EnvelopeReader envelope, [EnumeratorCancellation] CancellationToken ct)
    {
        Remittance835Assembler? set = null;
        while (await envelope.ReadAsync(ct) is { } next)
        {
            switch (next.Part)
            {
                case EnvelopePart.SetStart:
                    set = Guides.Check(envelope, "835", Guides.Remittance835)
                        ? new Remittance835Assembler(envelope.Set!, envelope.SetSegment!, envelope.Findings)
                        : null;
                    break;
                case EnvelopePart.Body when set is not null:
                    foreach (var item in set.Add(next.Segment))
                        yield return item;
                    break;
                case EnvelopePart.SetEnd when set is not null:
                    foreach (var item in set.Finish(next.Segment))
                        yield return item;
                    yield return set.End(envelope.IsSetRefused);
                    set = null;
                    break;
                default:
                    break;
            }
        }
    }
}

/// <summary>Puts the segments of one 835 set into payment, claims and lines.</summary>
internal sealed class Remittance835Assembler(St st, Segment stSegment, X12Findings findings)
{
    private readonly RemittanceBalance _balance = new(findings);
    private readonly List<IX12Segment> _header = [];
    private readonly List<Plb> _plbs = [];
    private List<IX12Segment> _before = [];
    private List<IX12Segment> _claimDetails = [];
    private List<IX12Segment>? _details;
    private List<RemittanceLine> _lines = [];
    private List<Segment> _svcSegments = [];
    private Segment? _clpSegment;
    private Segment? _bprSegment;
    private Clp? _clp;
    private bool _headerReturned;
    private int _ordinal;

    public IEnumerable<Remittance835Item> Add(Segment segment)
    {
        if (segment.Id is "LX" or "CLP" or "PLB")
        {
            foreach (var item in Close())
                yield return item;
        }

        Place(segment);
    }

    public IEnumerable<Remittance835Item> Finish(Segment se)
    {
        foreach (var item in Close())
            yield return item;

        var payment = new Remittance835Item.Payment(st, _header);
        if (payment.Bpr is null || _bprSegment is null)
            findings.Refuse("IK3-3", "BPR, the payment, is missing.", stSegment.AtMissing("BPR"));
        else
            _balance.CheckPayment(payment.PaidUsd, _bprSegment);
        if (payment.Trn is not { Number.Length: > 0 })
            findings.Refuse("IK3-3", "TRN, the check or EFT number, is missing.", stSegment.AtMissing("TRN"));
        if (_ordinal == 0 && _plbs.Count == 0)
            findings.Warn("IK3-3", "The remittance has neither claims nor provider adjustments.", se.AtMissing("CLP"));
    }

    public Remittance835Item.End End(bool isRefused) => new(st.ControlNumber, _before, _plbs, isRefused);

    private void Place(Segment segment)
    {
        switch (segment.Id)
        {
            case "CLP":
                _clp = Clp.Read(segment, findings);
                (_clpSegment, _claimDetails, _lines, _svcSegments) = (segment, [], [], []);
                _details = _claimDetails;
                _ordinal++;
                break;
            case "SVC" when _clp is not null:
                _details = [];
                _lines.Add(new RemittanceLine(Svc.Read(segment, findings), _details));
                _svcSegments.Add(segment);
                break;
            case "PLB":
                var plb = Plb.Read(segment, findings);
                _plbs.Add(plb);
                _balance.AddProviderAdjustment(plb, segment);
                break;
            case "BPR":
                _bprSegment = segment;
                goto default;
            case "TRN" when segment.Text(2) is { } number:
                findings.BusinessUnit = $"TRN02:{number}";
                goto default;
            default:
                (_details ?? (_headerReturned ? _before : _header)).Add(SegmentCatalog.Read(segment, findings));
                break;
        }
    }

    private IEnumerable<Remittance835Item> Close()
    {
        if (!_headerReturned)
        {
            _headerReturned = true;
            yield return new Remittance835Item.Payment(st, _header);
        }

        if (_clp is null || _clpSegment is null)
        {
            _details = null;
            yield break;
        }

        var claim = new Remittance835Item.Claim(_ordinal, _before, _clp, _claimDetails, _lines);
        _balance.CheckClaim(claim, _clpSegment, _svcSegments);
        (_clp, _clpSegment, _details, _before, _claimDetails) = (null, null, null, [], []);
        yield return claim;
    }
}
