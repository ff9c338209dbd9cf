using System.Buffers;
using System.Text;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Tests.X12;

/// <summary>Reads and writes X12 text in tests.</summary>
internal static class X12Read
{
    public static Stream Stream(string text) => new MemoryStream(Encoding.UTF8.GetBytes(text));

    public static EnvelopeReader Envelope(string text) => Envelope(Stream(text));

    public static EnvelopeReader Envelope(Stream stream) => new(stream, new X12Findings());

    public static async Task<(List<Segment> Segments, X12Findings Findings, SegmentReader Reader)> SegmentsAsync(Stream stream)
    {
        var findings = new X12Findings();
        var reader = new SegmentReader(stream, findings);
        var segments = new List<Segment>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken) is { } segment)
            segments.Add(segment);
        return (segments, findings, reader);
    }

    public static async Task<X12Findings> WalkEnvelopeAsync(string text)
    {
        var envelope = Envelope(text);
        while (await envelope.ReadAsync(TestContext.Current.CancellationToken) is not null)
        {
        }

        return envelope.Findings;
    }

    public static async Task<(List<Claim837PItem> Items, X12Findings Findings)> ClaimsAsync(string text)
    {
        var envelope = Envelope(text);
        return (await Claim837PReader.ReadAsync(envelope, null, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken), envelope.Findings);
    }

    public static async Task<(List<Remittance835Item> Items, X12Findings Findings)> RemittanceAsync(string text)
    {
        var envelope = Envelope(text);
        return (await Remittance835Reader.ReadAsync(envelope, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken), envelope.Findings);
    }

    /// <summary>What the action writes, one segment a line.</summary>
    public static string Text(Action<SegmentWriter> write) => Text(write, out _);

    public static string Text(Action<SegmentWriter> write, out X12Findings findings, Separators? separators = null, string lineEnding = "")
    {
        findings = new X12Findings();
        var output = new ArrayBufferWriter<byte>();
        write(new SegmentWriter(output, findings, separators, lineEnding));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Any typed reading of a file, written again with the same envelope.</summary>
    public static async Task<string> RewriteAsync(string text, Func<EnvelopeReader, EnvelopeWriter, Task> rewriteSets)
    {
        var first = await SegmentsAsync(Stream(text));
        var isa = Isa.Read(first.Segments[0]);
        var gs = Gs.Read(first.Segments[1]);
        var output = new ArrayBufferWriter<byte>();
        var writer = new EnvelopeWriter(new SegmentWriter(output, new X12Findings(), lineEnding: first.Reader.LineEnding));
        writer.BeginInterchange(isa);
        writer.BeginGroup(gs);
        await rewriteSets(Envelope(text), writer);
        writer.EndGroup();
        writer.EndInterchange();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
