using System.Globalization;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>Writes 837P sets claim by claim, numbering the hierarchy as it goes.</summary>
internal sealed class Claim837PWriter(EnvelopeWriter envelope)
{
    private readonly SegmentWriter _x12 = envelope.Segments;
    private int _hl;
    private BillingLoop? _billing;
    private int _billingHl;
    private SubscriberLoop? _subscriber;
    private int _subscriberHl;
    private PatientLoop? _patient;

    public void BeginSet(Claim837PItem.Set set)
    {
        (_hl, _billing, _subscriber, _patient) = (0, null, null, null);
        envelope.BeginSet(set.St);
        set.Bht.WriteTo(_x12);
        WriteAll(set.Details);
        WriteAll(set.Parties);
    }

    public void Write(Claim837PItem.Claim claim)
    {
        if (!ReferenceEquals(claim.Billing, _billing))
        {
            _billing = claim.Billing;
            _subscriber = null;
            _billingHl = WriteHl(null, "20", hasChildren: true);
            WriteAll(_billing.Details);
            WriteAll(_billing.Parties);
        }

        if (!ReferenceEquals(claim.Subscriber, _subscriber))
        {
            _subscriber = claim.Subscriber;
            _patient = null;
            _subscriberHl = WriteHl(_billingHl, "22", _subscriber.HasDependents);
            WriteAll(_subscriber.Details);
            WriteAll(_subscriber.Parties);
        }

        if (claim.Patient is { } patient && !ReferenceEquals(patient, _patient))
        {
            _patient = patient;
            WriteHl(_subscriberHl, "23", hasChildren: false);
            WriteAll(patient.Details);
            WriteAll(patient.Parties);
        }

        WriteBody(claim.Body, _x12);
    }

    public void EndSet() => envelope.EndSet();

    /// <summary>Loop 2300 and below, on its own: what the submit key is computed over.</summary>
    public static void WriteBody(ClaimLoop claim, SegmentWriter x12)
    {
        claim.Clm.WriteTo(x12);
        WriteAll(claim.Details, x12);
        foreach (var provider in claim.Providers)
            provider.WriteTo(x12);
        foreach (var other in claim.OtherPayers)
        {
            WriteAll(other.Details, x12);
            foreach (var party in other.Parties)
                party.WriteTo(x12);
        }

        foreach (var line in claim.Lines)
        {
            line.Lx.WriteTo(x12);
            WriteAll(line.Details, x12);
            foreach (var provider in line.Providers)
                provider.WriteTo(x12);
            foreach (var adjudication in line.Adjudications)
            {
                adjudication.Svd.WriteTo(x12);
                WriteAll(adjudication.Details, x12);
            }

            WriteAll(line.Forms, x12);
        }
    }

    private int WriteHl(int? parent, string level, bool hasChildren)
    {
        _hl++;
        new Hl(_hl.ToString(CultureInfo.InvariantCulture), parent?.ToString(CultureInfo.InvariantCulture), level, hasChildren ? "1" : "0").WriteTo(_x12);
        return _hl;
    }

    private void WriteAll(IReadOnlyList<IX12Segment> segments) => WriteAll(segments, _x12);

    private static void WriteAll(IReadOnlyList<IX12Segment> segments, SegmentWriter x12)
    {
        foreach (var segment in segments)
            segment.WriteTo(x12);
    }

    private void WriteAll(IReadOnlyList<PartyLoop> parties)
    {
        foreach (var party in parties)
            party.WriteTo(_x12);
    }
}
