using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;

namespace FhirEmr.BillingBridge.Interchange;

/// <summary>TA1, 999, 277CA and 277 files: first read whole and judged, then applied, set by set.</summary>
internal sealed class AcknowledgementIntake(IFhirRecords records, Outbox outbox, InterchangeOptions options, TimeProvider time)
{
    public async Task<AcknowledgementResult> ApplyAsync(Stream x12, CancellationToken ct)
    {
        using var copy = x12.CanSeek ? null : new MemoryStream();
        if (copy is not null)
            await x12.CopyToAsync(copy, ct);
        var file = copy ?? x12;
        file.Position = 0;
        var kind = await InboundKinds.OfAsync(file, ct);
        file.Position = 0;
        return kind switch
        {
            InboundKind.Ta1 => await ApplyTa1Async(file, ct),
            InboundKind.Acknowledgement999 => await Apply999Async(file, ct),
            InboundKind.ClaimAck277 => await Apply277Async("277CA", HierarchyGuide.ClaimAck277, file, ct),
            InboundKind.ClaimStatus277 => await Apply277Async("277", HierarchyGuide.ClaimStatus277, file, ct),
            _ => await RefuseAsync(file, ct),
        };
    }

    private async Task<AcknowledgementResult> Apply999Async(Stream file, CancellationToken ct)
    {
        var envelope = Envelope(file);
        string? sender = null;
        var acknowledgements = new List<Acknowledgement999>();
        await foreach (var acknowledgement in Acknowledgement999.ReadAsync(envelope, ct))
        {
            sender ??= envelope.Interchange?.SenderId;
            if (!envelope.IsSetRefused)
                acknowledgements.Add(acknowledgement);
        }

        var ledger = new AcknowledgementLedger("999", envelope.Findings);
        if (envelope.Findings.Items.Any(f => f.RefusesEnvelope))
            return ledger.Result();
        var bytes = await BytesAsync(file, ct);
        var apply = new Apply999(records, outbox, options.SenderId, time, ledger);
        foreach (var acknowledgement in acknowledgements)
            await apply.ApplyAsync(sender ?? "", acknowledgement, bytes, ct);
        return ledger.Result();
    }

    private async Task<AcknowledgementResult> ApplyTa1Async(Stream file, CancellationToken ct)
    {
        var envelope = Envelope(file);
        var answers = new List<(string Sender, Ta1 Ta1)>();
        while (await envelope.ReadAsync(ct) is { } next)
        {
            if (next.Part is EnvelopePart.InterchangeAck)
                answers.Add((envelope.Interchange?.SenderId ?? "", Ta1.Read(next.Segment)));
        }

        var ledger = new AcknowledgementLedger("TA1", envelope.Findings);
        if (envelope.Findings.HasRefusal)
            return ledger.Result();
        var bytes = await BytesAsync(file, ct);
        var apply = new Apply999(records, outbox, options.SenderId, time, ledger);
        foreach (var (sender, ta1) in answers)
            await apply.ApplyAsync(sender, ta1, bytes, ct);
        return ledger.Result();
    }

    // Read twice, so that a set with a fault changes nothing; one set is in memory level by level, however many claims it answers.
    private async Task<AcknowledgementResult> Apply277Async(string kind, HierarchyGuide guide, Stream file, CancellationToken ct)
    {
        var verdict = Envelope(file);
        var refused = new List<bool>();
        await foreach (var item in HierarchyReader.ReadAsync(verdict, guide, ct))
        {
            if (item is HierarchyItem.End end)
                refused.Add(end.IsRefused);
        }

        var ledger = new AcknowledgementLedger(kind, verdict.Findings);
        if (verdict.Findings.Items.Any(f => f.RefusesEnvelope))
            return ledger.Result();
        file.Position = 0;
        var apply = new Apply277(kind, options.SenderId, records, outbox, time, ledger);
        var set = 0;
        await foreach (var item in HierarchyReader.ReadAsync(Envelope(file), guide, ct))
        {
            if (!refused[set])
                await apply.AddAsync(item, ct);
            if (item is HierarchyItem.End)
                set++;
        }

        await apply.CommitAsync(ct);
        return ledger.Result();
    }

    private static async Task<AcknowledgementResult> RefuseAsync(Stream file, CancellationToken ct)
    {
        var envelope = Envelope(file);
        X12Place? place = null;
        while (await envelope.ReadAsync(ct) is { } next)
            place ??= next.Part is EnvelopePart.GroupStart ? next.Segment.At(8) : null;
        envelope.Findings.Refuse("AK9-2", $"This is none of the transactions we take: {string.Join(", ", InboundKinds.Names)}.", place);
        return new AcknowledgementLedger("?", envelope.Findings).Result();
    }

    /// <summary>A 999 or TA1 is kept with the batch it answers: a line or two for each claim in error.</summary>
    private static async Task<byte[]> BytesAsync(Stream file, CancellationToken ct)
    {
        file.Position = 0;
        using var copy = new MemoryStream();
        await file.CopyToAsync(copy, ct);
        return copy.ToArray();
    }

    private static EnvelopeReader Envelope(Stream file) => new(file, new X12Findings());
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
