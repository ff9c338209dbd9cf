using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>TA1, 999, 277CA and 277 files: first read whole and judged, then applied.</summary>
internal sealed class AcknowledgementIntake(IFhirRecords records, Outbox outbox, InterchangeOptions options, TimeProvider time)
{
    public async Task<AcknowledgementResult> ApplyAsync(Stream x12, CancellationToken ct)
    {
        // These files are small: one line of text per claim. Reading twice needs a seekable copy.
        using var file = new MemoryStream();
        await x12.CopyToAsync(file, ct);
        var bytes = file.ToArray();

        var kind = await InboundKinds.OfAsync(new MemoryStream(bytes, writable: false), ct);
        return kind switch
        {
            InboundKind.Ta1 => await ApplyTa1Async(bytes, ct),
            InboundKind.Acknowledgement999 => await Apply999Async(bytes, ct),
            InboundKind.ClaimAck277 => await Apply277Async("277CA", HierarchyGuide.ClaimAck277, bytes, ct),
            InboundKind.ClaimStatus277 => await Apply277Async("277", HierarchyGuide.ClaimStatus277, bytes, ct),
            _ => await RefuseAsync(bytes, ct),
        };
    }

    private async Task<AcknowledgementResult> Apply999Async(byte[] bytes, CancellationToken ct)
    {
        var envelope = Envelope(bytes);
        string? sender = null;
        var acknowledgements = new List<Acknowledgement999>();
        await foreach (var acknowledgement in Acknowledgement999.ReadAsync(envelope, ct))
        {
            sender ??= envelope.Interchange?.SenderId;
            acknowledgements.Add(acknowledgement);
        }

        var ledger = new AcknowledgementLedger("999", envelope.Findings);
        if (envelope.Findings.HasRefusal)
            return ledger.Result();
        var apply = new Apply999(records, outbox, options.SenderId, time, ledger);
        foreach (var acknowledgement in acknowledgements)
            await apply.ApplyAsync(sender ?? "", acknowledgement, bytes, ct);
        return ledger.Result();
    }

    private async Task<AcknowledgementResult> ApplyTa1Async(byte[] bytes, CancellationToken ct)
    {
        var envelope = Envelope(bytes);
        var answers = new List<(string Sender, Ta1 Ta1)>();
        while (await envelope.ReadAsync(ct) is { } next)
        {
            if (next.Part is EnvelopePart.InterchangeAck)
                answers.Add((envelope.Interchange?.SenderId ?? "", Ta1.Read(next.Segment)));
        }

        var ledger = new AcknowledgementLedger("TA1", envelope.Findings);
        if (envelope.Findings.HasRefusal)
            return ledger.Result();
        var apply = new Apply999(records, outbox, options.SenderId, time, ledger);
        foreach (var (sender, ta1) in answers)
            await apply.ApplyAsync(sender, ta1, bytes, ct);
        return ledger.Result();
    }

    private async Task<AcknowledgementResult> Apply277Async(string kind, HierarchyGuide guide, byte[] bytes, CancellationToken ct)
    {
        var verdict = Envelope(bytes);
        await foreach (var _ in HierarchyReader.ReadAsync(verdict, guide, ct))
        {
        }

        var ledger = new AcknowledgementLedger(kind, verdict.Findings);
        if (verdict.Findings.HasRefusal)
            return ledger.Result();
        var apply = new Apply277(kind, options.SenderId, records, outbox, time, ledger);
        await foreach (var item in HierarchyReader.ReadAsync(Envelope(bytes), guide, ct))
            await apply.AddAsync(item, ct);
        await apply.CommitAsync(ct);
        return ledger.Result();
    }

    private static async Task<AcknowledgementResult> RefuseAsync(byte[] bytes, CancellationToken ct)
    {
        var envelope = Envelope(bytes);
        X12Place? place = null;
        while (await envelope.ReadAsync(ct) is { } next)
            place ??= next.Part is EnvelopePart.GroupStart ? next.Segment.At(8) : null;
        envelope.Findings.Refuse("AK9-2", "This is neither a TA1 nor a 999 nor a 277CA nor a 277.", place);
        return new AcknowledgementLedger("?", envelope.Findings).Result();
    }

    private static EnvelopeReader Envelope(byte[] bytes) => new(new MemoryStream(bytes, writable: false), new X12Findings());
}

/// <summary>Collects what an acknowledgement file did.</summary>
internal sealed class AcknowledgementLedger(string kind, X12Findings findings)
{
    public List<ClaimMoved> Moved { get; } = [];

    public int Ignored { get; set; }

    public List<string> Unmatched { get; } = [];

    public List<AcknowledgedError> Problems { get; } = [];

    public AcknowledgementResult Result() => new(kind, Moved, Ignored, Unmatched, Problems, findings.Items);
}
