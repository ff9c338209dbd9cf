using System.Buffers;
using System.Globalization;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>835 items → a file of their own, with one set.</summary>
internal static class Remittance835File
{
    public const string SetControlNumber = "0001";

    /// <param name="sender">ISA06: part of the key of what is posted from the file.</param>
    /// <param name="items">Payment, claims, end.</param>
    /// <param name="now">For the envelope.</param>
    /// <param name="findings">What could not be written.</param>
    public static byte[] Write(string sender, IEnumerable<Remittance835Item> items, DateTimeOffset now, X12Findings findings)
    {
        var output = new ArrayBufferWriter<byte>();
        var envelope = new EnvelopeWriter(new SegmentWriter(output, findings));
        var (day, time) = (X12Text.Date(DateOnly.FromDateTime(now.DateTime)), X12Text.Time(TimeOnly.FromDateTime(now.DateTime)));
        envelope.BeginInterchange(new Isa("ZZ", sender, "ZZ", "FHIREMR", day[2..], time, 1.ToString("000000000", CultureInfo.InvariantCulture), "T"));
        envelope.BeginGroup(new Gs("HP", sender, "FHIREMR", day, time, "1", Guides.Remittance835));
        var writer = new Remittance835Writer(envelope);
        foreach (var item in items)
            writer.Write(item);
        envelope.EndGroup();
        envelope.EndInterchange();
        return output.WrittenSpan.ToArray();
    }

    public static St Set => new("835", SetControlNumber, null);
}
