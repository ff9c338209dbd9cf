using System.Globalization;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Envelope;

/// <summary>Writes ISA/GS/ST…SE/GE/IEA with counts and control numbers that agree by construction.</summary>
internal sealed class EnvelopeWriter(SegmentWriter x12)
{
    private Isa? _interchange;
    private Gs? _group;
    private St? _set;
    private long _setStart;
    private int _sets;
    private int _groups;

    public SegmentWriter Segments => x12;

    public void BeginInterchange(Isa isa)
    {
        _interchange = isa;
        _groups = 0;
        isa.WriteTo(x12);
    }

    public void BeginGroup(Gs gs)
    {
        _group = gs;
        _sets = 0;
        _groups++;
        gs.WriteTo(x12);
    }

    public void BeginSet(St st)
    {
        _set = st;
        _sets++;
        _setStart = x12.Segments;
        x12.EnterSet(st.ControlNumber);
        st.WriteTo(x12);
    }

    public void EndSet()
    {
        x12.Write("SE", Text(x12.Segments - _setStart + 1), _set!.ControlNumber);
        x12.EnterSet(null);
        _set = null;
    }

    public void EndGroup()
    {
        x12.Write("GE", Text(_sets), _group!.ControlNumber);
        _group = null;
    }

    public void EndInterchange()
    {
        x12.Write("IEA", Text(_groups), _interchange!.ControlNumber);
        _interchange = null;
    }

    private static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);
}
