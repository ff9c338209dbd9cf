using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Interchange;
using FhirEmr.BillingBridge.MockPayer;

namespace FhirEmr.FhirServer.Billing;

/// <summary>One turn of the exchange with payers: ready claims into files, files out, answers in. Every step may be repeated.</summary>
/// <param name="submission">Null when no channel is configured: claims are made and scrubbed, and wait as ready.</param>
/// <param name="mockPayer">Only in the demo.</param>
internal sealed class BillingCycle(SubmissionPipeline? submission, InboundPipeline? inbound, ScriptedPayer? mockPayer) : IDisposable
{
    // Two turns at once would only get in each other's way: same claims, same files.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Claims to next payers, and replacements the payer took; they need no channel.</summary>
    public SecondaryClaimPipeline? Secondary { get; init; }

    public ReplacementPipeline? Replacements { get; init; }

    /// <summary>Requests for authorisation go out through the same outbox; null without a channel.</summary>
    public AuthorisationPipeline? Authorisations { get; init; }

    public async Task<BillingTurn> RunAsync(CancellationToken ct)
    {
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
            var received = await inbound.ReceiveAsync(ct);
            await submission.ReportSilenceAsync(ct);
            return new(batched, dispatched, received);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();
}

/// <summary>What one turn did.</summary>
internal sealed record BillingTurn(BatchResult Batched, DispatchResult Dispatched, IReadOnlyList<InboundResult> Received)
{
    public static BillingTurn Nothing { get; } = new(new([], []), new([]), []);
}
