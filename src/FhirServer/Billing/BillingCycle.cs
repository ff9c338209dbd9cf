using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.MockPayer;

namespace FhirEmr.FhirServer.Billing;

/// <summary>One turn of the exchange with payers: ready claims into files, files out, answers in. Every step may be repeated.</summary>
/// <param name="submission">Null when no channel is configured: claims are made and scrubbed, and wait as ready.</param>
/// <param name="mockPayer">Only in the demo.</param>
/// <param name="channel">Ends with the cycle, when it holds a connection.</param>
/// <param name="log">Where a turn that somebody waited for says why it failed.</param>
internal sealed partial class BillingCycle(
    SubmissionPipeline? submission, InboundPipeline? inbound, ScriptedPayer? mockPayer, IDisposable? channel = null, ILogger<BillingCycle>? log = null) : IDisposable
{
    /// <summary>How long somebody at the desk waits for a payer (CAQH CORE: 20 seconds).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Two turns at once would only get in each other's way: same claims, same files.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Claims to next payers, and replacements the payer took; they need no channel.</summary>
    public SecondaryClaimPipeline? Secondary { get; init; }

    public ReplacementPipeline? Replacements { get; init; }

    /// <summary>What patients pay themselves; it needs no channel either.</summary>
    public SelfPayPipeline? SelfPay { get; init; }

    /// <summary>Requests for authorisation go out through the same outbox; null without a channel.</summary>
    public AuthorisationPipeline? Authorisations { get; init; }

    public async Task<BillingTurn> RunAsync(CancellationToken ct)
    {
        await (SelfPay?.RunAsync(ct) ?? Task.CompletedTask);
        await (Secondary?.RunAsync(ct) ?? Task.CompletedTask);
        await (Replacements?.SettleAsync(ct) ?? Task.CompletedTask);
        if (submission is null || inbound is null)
            return BillingTurn.Nothing;

        await turn.WaitAsync(ct);
        try
        {
            var batched = await submission.BatchReadyClaimsAsync(ct);
            var dispatched = await submission.DispatchAsync(ct);
            if (mockPayer is not null)
                await mockPayer.AnswerAllAsync(ct);
            try
            {
                var received = await inbound.ReceiveAsync(ct);
                await submission.ReportSilenceAsync(ct);
                return new(batched, dispatched, received);
            }
            catch (IOException e)
            {
                return new(batched, dispatched, []) { Unreachable = e.Message }; // what waits there waits; the next turn asks again
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Whether there are payers to ask.</summary>
    public bool IsOpen => submission is not null;

    /// <summary>Files out and answers in, for somebody who waits; after a while they do not, and it goes on without them.</summary>
    public async Task ExchangeAsync(CancellationToken ct)
    {
        if (submission is null || inbound is null)
            return;
        try
        {
            await ExchangeAsync(submission, inbound).WaitAsync(Patience, ct);
        }
        catch (TimeoutException)
        {
            // The answer will be there when it is asked for again.
        }
    }

    // Not ended with the request that asked for it: a file half handed over helps nobody.
    private async Task ExchangeAsync(SubmissionPipeline files, InboundPipeline answers)
    {
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            await files.DispatchAsync(CancellationToken.None);
            if (mockPayer is not null)
                await mockPayer.AnswerAllAsync(CancellationToken.None);
            await answers.ReceiveAsync(CancellationToken.None);
        }
        catch (Exception e) when (log is not null)
        {
            // Somebody else's file that cannot be applied is not this caller's fault, and the worker's next turn tells of it again.
            Failed(log, e);
        }
        finally
        {
            turn.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An exchange with payers that somebody waited for did not end well; the next turn goes on with it")]
    private static partial void Failed(ILogger log, Exception e);

    public void Dispose()
    {
        channel?.Dispose();
        turn.Dispose();
    }
}

/// <summary>What one turn did.</summary>
internal sealed record BillingTurn(BatchResult Batched, DispatchResult Dispatched, IReadOnlyList<InboundResult> Received)
{
    /// <summary>Why nothing could be received; null when the channel answered.</summary>
    public string? Unreachable { get; init; }

    public static BillingTurn Nothing { get; } = new(new([], []), new([]), []);
}
