using System.Buffers;
using System.Globalization;
using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.MockPayer;

/// <summary>THE MOCK PAYER. Answers 837P files in a mock channel with 999, 277CA and 835, and 278 requests with 278 responses, by scenario, so that the cycle closes without a clearinghouse.</summary>
/// <remarks>
/// It cannot be built on a live channel, it refuses production interchanges (ISA15 other than T), and everything it writes is marked T.
/// Its answers depend only on the file, the script and the date, so that answering twice writes the same files.
/// </remarks>
public sealed class ScriptedPayer
{
    private readonly FolderChannel _channel;
    private readonly MockScript _script;
    private readonly TimeProvider _time;

    /// <exception cref="ArgumentException">The channel is live.</exception>
    public ScriptedPayer(FolderChannel channel, MockScript script, TimeProvider time)
    {
        if (channel.Kind is not ChannelKind.Mock)
            throw new ArgumentException("The mock payer works on mock channels only; this one is live.", nameof(channel));
        (_channel, _script, _time) = (channel, script, time);
    }

    /// <summary>Answers every file in the channel's outbound folder and takes it away.</summary>
    public async Task<IReadOnlyList<MockAnswer>> AnswerAllAsync(CancellationToken ct)
    {
        var answers = new List<MockAnswer>();
        foreach (var path in Directory.GetFiles(_channel.Outbound).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith('.'))
                continue; // half-written

            var answer = await AnswerAsync(name, await File.ReadAllBytesAsync(path, ct), _script, _time.GetUtcNow(), ct);
            foreach (var file in answer.Files)
                await _channel.DeliverAsync(file.Name, file.Content, ct);
            if (answer.Refusal is null)
                _channel.MarkTaken(name);
            answers.Add(answer);
        }

        return answers;
    }

    /// <summary>The answers to one file, without any channel.</summary>
    public static async Task<MockAnswer> AnswerAsync(string fileName, byte[] x12, MockScript script, DateTimeOffset now, CancellationToken ct)
    {
        if (await IsAcknowledgementAsync(x12, ct))
            return new MockAnswer(fileName, [], null); // nobody answers an answer

        if (await MockReviews.AnswerAsync(x12, script, now, ct) is var (asked, guide, items))
        {
            return asked.UsageIndicator != "T"
                ? new MockAnswer(fileName, [], "The mock payer takes test interchanges only (ISA15=T).")
                : new MockAnswer(fileName, [Write($"278-{asked.ControlNumber}.x12", asked, 1, now, "HI", guide, envelope => items.ForEach(item => HierarchyReader.Write(item, envelope)))], null);
        }

        if (await MockQuestions.ReadAsync(x12, ct) is { } questions)
            return AnswerQuestions(fileName, questions, script, now);
        var submission = await MockSubmission.ReadAsync(x12, script, ct);
        if (submission.Interchange is not { } isa)
            return new MockAnswer(fileName, [], "This is no X12 interchange.");
        if (isa.UsageIndicator != "T")
            return new MockAnswer(fileName, [], "The mock payer takes test interchanges only (ISA15=T).");
        if (submission.Group is null || submission.Sets.Count == 0 || submission.Claims.Any(c => c.Scenario.Receipt is MockReceipt.TransmissionRejected))
            return new MockAnswer(fileName, [TransmissionRejected(isa, now)], null);

        var files = new List<MockFile>
        {
            Write($"999-{isa.ControlNumber}.x12", isa, 1, now, "FA", Guides.Acknowledgement999, MockAcknowledgements.Acknowledge(submission).WriteTo),
        };
        var source = Nm1.Organization("AY", "MOCK CLEARINGHOUSE", "46", isa.ReceiverId);
        Add($"277CA-{isa.ControlNumber}.x12", 2, "HN", Guides.ClaimAck277, [.. MockAcknowledgements.ClaimAcks(submission, now, source)], HierarchyReader.Write);
        // Files are taken in by the order of their names.
        Add($"{(MockRemittances.IsFirst(submission) ? "0-" : "")}835-{isa.ControlNumber}-1.x12", 3, "HP", Guides.Remittance835, [.. MockRemittances.First(submission, now)], (item, envelope) => new Remittance835Writer(envelope).Write(item));
        Add($"835-{isa.ControlNumber}-2.x12", 4, "HP", Guides.Remittance835, [.. MockRemittances.Second(submission, now)], (item, envelope) => new Remittance835Writer(envelope).Write(item));
        if (MockRemittances.Fault(submission) is MockFault.Truncated && files.FindIndex(f => f.Name.EndsWith("-1.x12", StringComparison.Ordinal)) is >= 0 and var broken)
            files[broken] = files[broken] with { Content = files[broken].Content[..(files[broken].Content.Length * 2 / 3)] };
        return new MockAnswer(fileName, files, null);

        void Add<T>(string name, int number, string functional, string guide, List<T> items, Action<T, EnvelopeWriter> write)
        {
            if (items.Count > 0)
                files.Add(Write(name, isa, number, now, functional, guide, envelope => items.ForEach(item => write(item, envelope))));
        }
    }

    private static async Task<bool> IsAcknowledgementAsync(byte[] x12, CancellationToken ct)
    {
        var envelope = new EnvelopeReader(new MemoryStream(x12, writable: false), new X12Findings());
        while (await envelope.ReadAsync(ct) is { } next)
        {
            if (next.Part is EnvelopePart.InterchangeAck or EnvelopePart.GroupStart)
                return envelope.Group is null or { FunctionalId: "FA" };
        }

        return false;
    }

    private static MockAnswer AnswerQuestions(string fileName, MockQuestionFile file, MockScript script, DateTimeOffset now)
    {
        var isa = file.Interchange;
        if (isa.UsageIndicator != "T")
            return new MockAnswer(fileName, [], "The mock payer takes test interchanges only (ISA15=T).");
        if (file.IsRefused)
            return new MockAnswer(fileName, [TransmissionRejected(isa, now)], null);
        var answers = MockQuestions.Answers(file, script, now).ToList();
        if (answers.Count == 0)
            return new MockAnswer(fileName, [], null);
        var (name, functional, guide) = file.Guide.SetId == "270" ? ("271", "HB", Guides.Eligibility) : ("277", "HN", Guides.ClaimStatus);
        return new MockAnswer(
            fileName, [Write($"{name}-{isa.ControlNumber}.x12", isa, 1, now, functional, guide, envelope => answers.ForEach(item => HierarchyReader.Write(item, envelope)))], null);
    }

    private static MockFile TransmissionRejected(Isa isa, DateTimeOffset now)
    {
        var output = new ArrayBufferWriter<byte>();
        var segments = new SegmentWriter(output, new X12Findings());
        var envelope = new EnvelopeWriter(segments);
        envelope.BeginInterchange(Reply(isa, 1, now));
        new Ta1(isa.ControlNumber, isa.Date, isa.Time, "R", "022").WriteTo(segments);
        envelope.EndInterchange();
        return new MockFile($"TA1-{isa.ControlNumber}.x12", output.WrittenMemory);
    }

    private static MockFile Write(
        string name, Isa isa, int number, DateTimeOffset now, string functional, string guide, Action<EnvelopeWriter> body)
    {
        var output = new ArrayBufferWriter<byte>();
        var envelope = new EnvelopeWriter(new SegmentWriter(output, new X12Findings()));
        var reply = Reply(isa, number, now);
        envelope.BeginInterchange(reply);
        envelope.BeginGroup(new Gs(
            functional, reply.SenderId, reply.ReceiverId, X12Text.Date(DateOnly.FromDateTime(now.DateTime)), reply.Time, reply.ControlNumber.TrimStart('0'), guide));
        body(envelope);
        envelope.EndGroup();
        envelope.EndInterchange();
        return new MockFile(name, output.WrittenMemory);
    }

    // Numbers follow from the file answered, ten for each.
    private static Isa Reply(Isa isa, int number, DateTimeOffset now)
    {
        var answered = long.TryParse(isa.ControlNumber, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
        var control = ((answered * 10) + number) % 1_000_000_000;
        return new Isa(
            isa.ReceiverQualifier, isa.ReceiverId, isa.SenderQualifier, isa.SenderId,
            X12Text.Date(DateOnly.FromDateTime(now.DateTime))[2..], X12Text.Time(TimeOnly.FromDateTime(now.DateTime)),
            control.ToString("000000000", CultureInfo.InvariantCulture), "T");
    }
}

/// <summary>What the mock payer wrote for one file.</summary>
/// <param name="Refusal">Why it answered nothing and left the file; null when it answered.</param>
public sealed record MockAnswer(string FileName, IReadOnlyList<MockFile> Files, string? Refusal);

/// <summary>One answer file.</summary>
public sealed record MockFile(string Name, ReadOnlyMemory<byte> Content);
