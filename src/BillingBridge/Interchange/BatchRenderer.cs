using System.Buffers;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Mapped claims → the bytes of one 837P file: one interchange, one group, one set.</summary>
internal sealed class BatchRenderer(InterchangeOptions options)
{
    public const string SetControlNumber = "0001";

    /// <param name="numbers">Of this file.</param>
    /// <param name="usage">ISA15.</param>
    /// <param name="now">Our local time.</param>
    /// <param name="claims">All of one billing provider.</param>
    /// <param name="findings">What the writer could not represent.</param>
    public ReadOnlyMemory<byte> Render(FileNumbers numbers, string usage, DateTimeOffset now, IEnumerable<Claim837PItem.Claim> claims, X12Findings findings)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        var envelope = new EnvelopeWriter(new SegmentWriter(output, findings));
        var date = X12Text.Date(DateOnly.FromDateTime(now.DateTime));
        var time = X12Text.Time(TimeOnly.FromDateTime(now.DateTime));

        envelope.BeginInterchange(new Isa(
            options.SenderQualifier, options.SenderId, options.ReceiverQualifier, options.ReceiverId, date[2..], time, numbers.Interchange, usage));
        envelope.BeginGroup(new Gs("HC", options.SenderId, options.ReceiverId, date, time, numbers.Group, Guides.Claim837P));

        var writer = new Claim837PWriter(envelope);
        writer.BeginSet(Header(numbers, date, time));
        foreach (var claim in claims)
            writer.Write(claim);
        writer.EndSet();
        envelope.EndGroup();
        envelope.EndInterchange();
        return output.WrittenMemory;
    }

    private Claim837PItem.Set Header(FileNumbers numbers, string date, string time)
    {
        var contact = new List<PerNumber> { new("TE", PartyMapping.Digits(options.ContactPhone)) };
        if (options.ContactEmail is { Length: > 0 } mail)
            contact.Add(new PerNumber("EM", mail));

        return new Claim837PItem.Set(
            new St("837", SetControlNumber, Guides.Claim837P),
            new Bht("0019", "00", numbers.Batch, date, time, "CH"),
            [
                PartyMapping.Loop(
                    Nm1.Organization("41", options.SubmitterName, "46", options.SenderId),
                    new Per("IC", options.ContactName, contact)),
                PartyMapping.Loop(Nm1.Organization("40", options.ReceiverName, "46", options.ReceiverId)),
            ]);
    }
}
