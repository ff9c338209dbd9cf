using System.Buffers;
using System.Globalization;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>Questions mapped to levels → the bytes of one file: one interchange, one group, a set for each question.</summary>
internal sealed class QuestionRenderer(InterchangeOptions options)
{
    /// <param name="guide">270, 276 or 278.</param>
    /// <param name="numbers">Of this file.</param>
    /// <param name="now">Our local time.</param>
    /// <param name="questions">BHT03 and levels of each.</param>
    /// <param name="findings">What the writer could not represent.</param>
    /// <param name="purpose">BHT02: 13 request, 28 query.</param>
    public ReadOnlyMemory<byte> Render(
        HierarchyGuide guide,
        FileNumbers numbers,
        DateTimeOffset now,
        IEnumerable<(string Reference, IReadOnlyList<HierarchyItem.Level> Levels)> questions,
        X12Findings findings,
        string purpose = "13")
    {
        var output = new ArrayBufferWriter<byte>(4096);
        var envelope = new EnvelopeWriter(new SegmentWriter(output, findings));
        var date = X12Text.Date(DateOnly.FromDateTime(now.DateTime));
        var time = X12Text.Time(TimeOnly.FromDateTime(now.DateTime));
        envelope.BeginInterchange(new Isa(
            options.SenderQualifier, options.SenderId, options.ReceiverQualifier, options.ReceiverId, date[2..], time, numbers.Interchange, options.UsageIndicator));
        envelope.BeginGroup(new Gs(guide.FunctionalId, options.SenderId, options.ReceiverId, date, time, numbers.Group, guide.Guide));
        foreach (var (i, (reference, levels)) in questions.Index())
        {
            var st = new St(guide.SetId, (i + 1).ToString("0000", CultureInfo.InvariantCulture), guide.Guide);
            HierarchyReader.Write(new HierarchyItem.Set(st, new Bht(guide.Structure, purpose, reference, date, time, null)), envelope);
            foreach (var level in levels)
                HierarchyReader.Write(level, envelope);
            HierarchyReader.Write(new HierarchyItem.End(st.ControlNumber, IsRefused: false), envelope);
        }

        envelope.EndGroup();
        envelope.EndInterchange();
        return output.WrittenMemory;
    }
}
