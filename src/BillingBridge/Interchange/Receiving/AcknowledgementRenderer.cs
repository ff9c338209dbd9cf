using System.Buffers;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange.Receiving;

/// <summary>TA1 and 999 → the bytes of one file each, addressed back to the sender.</summary>
/// <param name="answered">What is answered: its ids, turned round, are ours.</param>
/// <param name="usage">ISA15.</param>
/// <param name="now">Our local time.</param>
internal sealed class AcknowledgementRenderer(Isa answered, string usage, DateTimeOffset now)
{
    public byte[] Ta1(FileNumbers numbers, Ta1 ta1) => Render(numbers, envelope => ta1.WriteTo(envelope.Segments));

    public byte[] Group(FileNumbers numbers, Gs of, IReadOnlyList<Acknowledgement999> acknowledgements) => Render(numbers, envelope =>
    {
        envelope.BeginGroup(new Gs("FA", of.Receiver, of.Sender, X12Text.Date(Day), X12Text.Time(Time), numbers.Group, Guides.Acknowledgement999));
        foreach (var acknowledgement in acknowledgements)
            acknowledgement.WriteTo(envelope);
        envelope.EndGroup();
    });

    private DateOnly Day => DateOnly.FromDateTime(now.DateTime);

    private TimeOnly Time => TimeOnly.FromDateTime(now.DateTime);

    private byte[] Render(FileNumbers numbers, Action<EnvelopeWriter> body)
    {
        var output = new ArrayBufferWriter<byte>(1024);

        // What the other side wrote goes back as far as the character set lets it: a bad value may be just that.
        var envelope = new EnvelopeWriter(new SegmentWriter(output, new X12Findings()));
        envelope.BeginInterchange(new Isa(
            answered.ReceiverQualifier, answered.ReceiverId, answered.SenderQualifier, answered.SenderId,
            X12Text.Date(Day)[2..], X12Text.Time(Time), numbers.Interchange, usage));
        body(envelope);
        envelope.EndInterchange();
        return output.WrittenSpan.ToArray();
    }
}
