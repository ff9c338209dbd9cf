using FhirEmr.BillingBridge.Channels;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.Interchange.Receiving;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Envelope;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge;

/// <summary>Ready claims → 837P files → the payer channel, and the acknowledgements back. Every step may be repeated after a crash.</summary>
/// <remarks>
/// A file gets its control numbers in the transaction that queues its claims (reliability R-22); handing it over is a second step
/// that finds it in the outbox, so that a file once numbered is never rendered again.
/// </remarks>
public sealed class SubmissionPipeline(IFhirRecords records, IPayerChannel channel, InterchangeOptions options, TimeProvider time, DeliveryPolicy? policy = null)
{
    private const int Attempts = 5;

    private readonly BatchRenderer _renderer = new(options);
    private readonly Outbox _outbox = new(records, time);
    private readonly DeliveryPolicy _policy = policy ?? new DeliveryPolicy(time);

    private readonly SilenceWatch _silence = new(records, options, time);

    /// <summary>Who may send to us over this channel, and the TA1 and 999 that go back over it.</summary>
    internal InterchangeReception Reception => new(records, options, channel.Kind, time);

    /// <summary>Puts every claim in stage <c>ready</c> into files, one billing provider a file. Claims that cannot be written get a Task.</summary>
    public async Task<BatchResult> BatchReadyClaimsAsync(CancellationToken ct)
    {
        var batches = new List<BatchSummary>();
        var notSent = new List<ClaimNotSent>();
        var groups = new Dictionary<string, List<PreparedClaim>>();
        var preparation = new ClaimPreparation(records, _renderer);

        await foreach (var claim in records.SearchAsync<Claim>($"claim-stage={ClaimStage.Ready}", ct))
        {
            if (claim.Stage() != ClaimStage.Ready || claim.IsSelfPay())
                continue; // a server that does not know the parameter returns every claim
            var (prepared, problems) = await preparation.PrepareAsync(claim, ct);
            if (prepared is null)
            {
                notSent.Add(new ClaimNotSent(claim.Id!, problems));
                await ReportAsync(claim, problems, ct);
                continue;
            }

            if (!groups.TryGetValue(prepared.GroupKey, out var group))
                groups[prepared.GroupKey] = group = [];
            group.Add(prepared);
            if (group.Count == options.MaxClaimsPerBatch)
            {
                groups.Remove(prepared.GroupKey);
                await CommitAsync(group, batches, notSent, ct);
            }
        }

        foreach (var group in groups.Values)
            await CommitAsync(group, batches, notSent, ct);
        return new BatchResult(batches, notSent);
    }

    /// <summary>Hands the files of the outbox to the channel and moves their claims to <c>submitted</c>.</summary>
    public async Task<DispatchResult> DispatchAsync(CancellationToken ct)
    {
        var files = new List<DispatchedFile>();
        var delivery = new OutboxDelivery(records, _outbox, _policy, time);
        await delivery.ReviveAsync(ct);
        foreach (var document in await _outbox.PendingAsync(ct).ToListAsync(ct))
        {
            if (await delivery.TryAsync(document, DispatchAsync, ct) is { } file)
                files.Add(file);
        }

        return new DispatchResult(files);
    }

    /// <summary>Applies a TA1, 999 or 277CA. Applying it again changes nothing.</summary>
    public Task<AcknowledgementResult> ApplyAcknowledgementAsync(Stream x12, CancellationToken ct) =>
        new AcknowledgementIntake(records, _outbox, options, time).ApplyAsync(x12, ct);

    /// <summary>Makes a work item for each file that has had no answer for <see cref="InterchangeOptions.SilenceHours"/>; looks once an hour.</summary>
    /// <returns>BHT03 of the silent batches.</returns>
    public Task<IReadOnlyList<string>> ReportSilenceAsync(CancellationToken ct) => _silence.ReportAsync(ct);

    private async Task<DispatchedFile> DispatchAsync(DocumentReference document, CancellationToken ct)
    {
        var name = Outbox.FileName(document);
        if (await _outbox.ReadFileAsync(document, ct) is not { } bytes)
            return new DispatchedFile(name, null, 0, "The file's content cannot be read.");
        if (channel.Kind is ChannelKind.Mock && await IsProductionAsync(bytes, ct))
            return new DispatchedFile(name, null, 0, "A production file (ISA15=P) does not go to a mock channel.");

        SendOutcome outcome;
        try
        {
            outcome = await channel.SendAsync(name, bytes, ct);
        }
        catch (IOException e)
        {
            return new DispatchedFile(name, null, 0, e.Message); // only the channel's failures are tried again by its policy
        }

        if (outcome is SendOutcome.NameTaken)
            return new DispatchedFile(name, outcome, 0, $"Channel {channel.Name} already has another file of this name.");
        var (claims, problem) = await _outbox.MarkSentAsync(document.Id!, ct);
        return new DispatchedFile(name, outcome, claims, problem);
    }

    private static async Task<bool> IsProductionAsync(byte[] file, CancellationToken ct)
    {
        var envelope = new EnvelopeReader(new MemoryStream(file, writable: false), new X12Findings());
        await envelope.ReadAsync(ct);
        return envelope.Interchange?.IsProduction != false;
    }

    private async Task CommitAsync(List<PreparedClaim> claims, List<BatchSummary> batches, List<ClaimNotSent> notSent, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts && claims.Count > 0; attempt++)
        {
            if (await ControlNumbers.ReadAsync(records, options.SenderId, ct) is not { } current)
            {
                NotSent(claims, notSent, "The control numbers cannot be kept in this FHIR server.");
                return;
            }

            var (counters, numbers) = ControlNumbers.Next(current);
            var usage = Usage(claims);
            var findings = new X12Findings();
            var file = _renderer.Render(numbers, usage, time.GetUtcNow().ToOffset(options.UtcOffset), Mapped(claims, numbers), findings);
            var now = time.GetUtcNow();
            var transaction = BatchCommit.Build(counters, numbers, options.SenderId, file, claims, now);
            foreach (var claim in claims)
            {
                foreach (var entry in await ClaimCharges.QueuedAsync(records, claim.Sources.Claim, DateOnly.FromDateTime(now.DateTime), ct))
                    transaction.Enter(entry);
            }

            var outcome = await records.CommitAsync(transaction.Bundle, ct);
            if (outcome is CommitOutcome.Committed)
            {
                batches.Add(new BatchSummary(
                    numbers.Batch, numbers.FileName, numbers.Interchange, usage, [.. claims.Select(c => c.Sources.Claim.Id!)], claims.Sum(c => c.ChargeUsd)));
                return;
            }

            if (outcome is CommitOutcome.Refused refused)
            {
                NotSent(claims, notSent, $"The FHIR server refuses the batch: {refused.Outcome.Issue.FirstOrDefault()?.Diagnostics}");
                return;
            }

            claims = await ReadAgainAsync(claims, ct);
        }

        NotSent(claims, notSent, "Other changes kept getting in between; the next run tries again.");
    }

    // After a conflict: claims somebody changed are prepared anew, those no longer ready drop out.
    private async Task<List<PreparedClaim>> ReadAgainAsync(List<PreparedClaim> claims, CancellationToken ct)
    {
        var preparation = new ClaimPreparation(records, _renderer);
        var still = new List<PreparedClaim>(claims.Count);
        foreach (var claim in claims)
        {
            if (await records.ReadAsync<Claim>(claim.Sources.Claim.Id!, ct) is not { } now || now.Stage() != ClaimStage.Ready)
                continue;
            if (now.Meta?.VersionId == claim.Sources.Claim.Meta?.VersionId)
                still.Add(claim);
            else if ((await preparation.PrepareAsync(now, ct)).Prepared is { } prepared && prepared.GroupKey == claim.GroupKey)
                still.Add(prepared);
        }

        return still;
    }

    private static IEnumerable<Claim837PItem.Claim> Mapped(List<PreparedClaim> claims, FileNumbers numbers)
    {
        var billing = BillingMapping.Map(claims[0].Sources.Billing);
        foreach (var (i, claim) in claims.Index())
            yield return ClaimMapping.Map(claim.Sources, billing, numbers.Trace(i + 1)).Claim!; // mapped once before without problems
    }

    // Demo wording and mock channels never make a production file, whatever the setting says.
    private string Usage(List<PreparedClaim> claims)
    {
        var isDemo = options.UsesDemoProcedures || claims.Any(c => c.Sources.Claim.Item.Exists(
            i => i.ProductOrService?.Coding.Exists(p => p.System == CodeSystemUrls.DemoProcedures) == true));
        return options.UsageIndicator == "P" && channel.Kind is ChannelKind.Live && !isDemo ? "P" : "T";
    }

    private async Task ReportAsync(Claim claim, IReadOnlyList<MappingProblem> problems, CancellationToken ct)
    {
        var errors = problems.Select(p => new AcknowledgedError(claim.PatientControlNumber(), "not sent", p.Message, null, p.Expression)).ToList();
        var key = BillingKey.Of("not-sent", claim.Id, claim.Meta?.VersionId);
        var transaction = new FhirTransaction();
        transaction.Add(RejectionTask.For(RejectionTask.FixRejection, key, claim, "The claim is ready but cannot be written as an 837P.", errors), time.GetUtcNow());
        await records.CommitAsync(transaction.Bundle, ct);
    }

    private static void NotSent(List<PreparedClaim> claims, List<ClaimNotSent> notSent, string why) =>
        notSent.AddRange(claims.Select(c => new ClaimNotSent(c.Sources.Claim.Id!, [new MappingProblem("Claim", why)])));
}
