using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>Writes 835 sets item by item, as <see cref="Remittance835Reader"/> gives them.</summary>
internal sealed class Remittance835Writer(EnvelopeWriter envelope)
{
    private readonly SegmentWriter _x12 = envelope.Segments;

    public void Write(Remittance835Item item)
    {
        switch (item)
        {
            case Remittance835Item.Payment payment:
                envelope.BeginSet(payment.St);
                WriteAll(payment.Details);
                break;
            case Remittance835Item.Claim claim:
                WriteClaim(claim);
                break;
            case Remittance835Item.End end:
                WriteAll(end.Before);
                WriteAll(end.ProviderAdjustments);
                envelope.EndSet();
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"{item.GetType().Name} is no item of an 835.");
        }
    }

    private void WriteClaim(Remittance835Item.Claim claim)
    {
        WriteAll(claim.Before);
        claim.Clp.WriteTo(_x12);
        WriteAll(claim.Details);
        foreach (var line in claim.Lines)
        {
            line.Svc.WriteTo(_x12);
            WriteAll(line.Details);
        }
    }

    private void WriteAll(IEnumerable<IX12Segment> segments)
    {
        foreach (var segment in segments)
            segment.WriteTo(_x12);
    }
}
