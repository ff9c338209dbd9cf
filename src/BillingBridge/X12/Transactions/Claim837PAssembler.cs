using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>Puts the segments of one 837P set into loops. HL, CLM, SBR, LX, SVD, LQ and NM1 open loops; everything else joins the open one.</summary>
internal sealed class Claim837PAssembler(St st, Segment stSegment, X12Findings findings, Action<LocatedSegment>? located)
{
    private readonly HierarchyCheck _hierarchy = new(findings);
    private List<IX12Segment> _details = [];
    private List<PartyLoop> _parties = [];
    private string _level = "header";
    private string _loop = "header";
    private Bht? _bht;
    private bool _setReturned;
    private List<PartyLoop> _setParties = [];
    private List<IX12Segment> _setDetails = [];
    private BillingLoop? _billing;
    private Segment? _billingName;
    private bool _billingChecked;
    private SubscriberLoop? _subscriber;
    private PatientLoop? _patient;
    private ClaimAssembler? _claim;

    public string ControlNumber => st.ControlNumber;

    public IEnumerable<Claim837PItem> Add(Segment segment)
    {
        if (segment.Id is "HL" or "CLM")
        {
            if (SetOnce() is { } set)
                yield return set;
            if (FinishClaim() is { } claim)
                yield return claim;
        }

        Place(segment);
        located?.Invoke(new LocatedSegment(segment, _loop, _claim?.ControlNumber, _claim?.LineNumber));
    }

    public IEnumerable<Claim837PItem> Finish(Segment se)
    {
        if (SetOnce() is { } set)
            yield return set;
        if (FinishClaim() is { } claim)
            yield return claim;
        if (_billing is null)
            findings.Refuse("IK3-3", "The set has no billing provider (HL level 20).", se.AtMissing("HL", "2000A"));
    }

    private void Place(Segment segment)
    {
        switch (segment.Id)
        {
            case "BHT":
                _bht = Bht.Read(segment);
                _details = _setDetails;
                _parties = _setParties;
                break;
            case "HL":
                OpenLevel(segment);
                break;
            case "NM1":
                OpenParty(segment);
                break;
            case "CLM":
                OpenClaim(segment);
                break;
            case "SBR" when _claim is not null:
                (_details, _parties) = _claim.OpenOtherPayer();
                _loop = "2320";
                _details.Add(Sbr.Read(segment));
                break;
            case "LX" when _claim is not null:
                (_details, _parties) = _claim.OpenLine(segment);
                _loop = "2400";
                break;
            case "SVD" when _claim is { HasLine: true }:
                _details = _claim.OpenAdjudication(segment);
                _loop = "2430";
                break;
            case "LQ" when _claim is { HasLine: true }:
                _details = _claim.OpenForm();
                _loop = "2440";
                _details.Add(Lq.Read(segment));
                break;
            default:
                if (segment.Id is "LIN" or "CTP")
                    _loop = "2410";
                _claim?.Watch(segment, _loop);
                _details.Add(SegmentCatalog.Read(segment, findings));
                break;
        }
    }

    private void OpenLevel(Segment segment)
    {
        var hl = Hl.Read(segment);
        _hierarchy.Check(segment, hl);
        _claim = null;
        _details = [];
        _parties = [];
        _level = hl.Level;
        switch (hl.Level)
        {
            case "20":
                CheckBilling();
                _billing = new BillingLoop(_details, _parties);
                (_billingName, _billingChecked, _subscriber, _patient) = (null, false, null, null);
                _loop = "2000A";
                break;
            case "22":
                _subscriber = new SubscriberLoop(_details, _parties, hl.HasChildren == "1");
                _patient = null;
                _loop = "2000B";
                break;
            case "23":
                _patient = new PatientLoop(_details, _parties);
                _loop = "2000C";
                break;
            default:
                findings.Refuse("IK4-7", $"HL03 {hl.Level} is no level of an 837P (20, 22, 23).", segment.At(3));
                _loop = "2000?";
                break;
        }
    }

    private void OpenParty(Segment segment)
    {
        var name = Nm1.Read(segment);
        _loop = LoopNames.Party(_claim?.Level ?? _level, name.EntityCode);
        var details = new List<IX12Segment>();
        _details = details;
        _parties.Add(new PartyLoop(name, details));
        if (name.EntityCode == "85" && _claim is null)
            _billingName = segment;
        if (name.IdQualifier == "XX" && !Npi.IsValid(name.Id))
            findings.Refuse("IK4-7", "NM109 is not an NPI: its check digit is wrong.", segment.At(9, loop: _loop));
    }

    private void OpenClaim(Segment segment)
    {
        CheckBilling();
        findings.BusinessUnit = segment.Text(1) is { } number ? $"CLM01:{number}" : null;
        _claim = new ClaimAssembler(segment, findings);
        _details = _claim.Details;
        _parties = _claim.Providers;
        _loop = "2300";
        if (_subscriber is null)
            findings.Refuse("IK3-2", "CLM stands outside a subscriber (HL level 22).", segment.At(loop: "2300"));
    }

    private Claim837PItem.Set? SetOnce()
    {
        if (_setReturned)
            return null;
        _setReturned = true;
        if (_bht is null)
            findings.Refuse("IK3-3", "BHT is missing.", stSegment.AtMissing("BHT"));
        return new Claim837PItem.Set(st, _bht ?? new Bht("0019", "00", "", "", "", null), _setParties) { Details = _setDetails };
    }

    private Claim837PItem.Claim? FinishClaim()
    {
        if (_claim is not { } claim)
            return null;
        _claim = null;
        var body = claim.Finish();
        findings.BusinessUnit = null;
        return _billing is not null && _subscriber is not null ? new Claim837PItem.Claim(_billing, _subscriber, _patient, body) : null;
    }

    // 2010AA needs a street: without it the payer cannot tell where the provider bills from.
    private void CheckBilling()
    {
        if (_billing is null || _billingChecked)
            return;
        _billingChecked = true;
        if (_billingName is not { } name)
        {
            findings.Refuse("IK3-3", "Loop 2010AA is missing: no NM1*85 under the billing provider.", stSegment.AtMissing("NM1", "2010AA"));
            return;
        }

        if (_billing.Provider?.Find<N3>() is null)
            findings.Refuse("IK3-3", "The billing provider has no street address.", name.AtMissing("N3", "2010AA"));
        if (_billing.Provider?.Find<N4>() is null)
            findings.Refuse("IK3-3", "The billing provider has no city, state and ZIP.", name.AtMissing("N4", "2010AA"));
    }
}
