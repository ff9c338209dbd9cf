using FhirEmr.BillingBridge.Ledger;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Billing beside the server: bills encounters as they finish, and turns the exchange with payers.</summary>
/// <remarks>Nothing is remembered here that cannot be read again: after a crash the next turn continues where the records stand.</remarks>
internal sealed class BillingWorker(EncounterWatch encounters, BillingCycle cycle, PaymentPlans plans, IOptions<BillingOptions> options, TimeProvider clock, ILogger<BillingWorker> log) : BackgroundService
{
    /// <summary>The first turn comes after the first answers: at its start the server has better to do.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private DateOnly plansChecked;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Settling, clock, stoppingToken);
        var settings = options.Value;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Max(1, settings.CycleSeconds)), clock);
        do
        {
            try
            {
                if (settings.Automatic)
                    await encounters.RunAsync(stoppingToken);
                Tell(await cycle.RunAsync(stoppingToken));
                if (DateOnly.FromDateTime(clock.GetUtcNow().DateTime) is var today && today != plansChecked)
                {
                    await plans.CheckAsync(stoppingToken);
                    plansChecked = today;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The boundary of a background turn: said once, loudly, and tried again at the next.
                log.LogError(e, "A turn of billing failed; the next one is in {Seconds} s", settings.CycleSeconds);
            }
        }
        while (await NextTickAsync(timer, stoppingToken));
    }

    // What no Task on a worklist tells: files that could not leave, and answers that could not be read or matched.
    private void Tell(BillingTurn turn)
    {
        foreach (var file in turn.Dispatched.Files.Where(f => !f.IsSent))
            log.LogWarning("{File} was not sent: {Problem}", file.FileName, file.Problem);
        if (turn.Unreachable is { } why)
            log.LogWarning("Nothing could be received: {Problem}", why);
        foreach (var file in turn.Received.Where(f => f.IsRefused))
            log.LogWarning("{File} was refused and is in the rejected folder: {Why}", file.FileName, file.Why ?? "unreadable");
        foreach (var file in turn.Received.Where(f => f.Ignored is not null))
            log.LogInformation("{File}: {Why}", file.FileName, file.Ignored);
        foreach (var file in turn.Received.Where(f => f.Acknowledgement?.Unmatched.Count > 0))
            log.LogWarning("{File} names what is not ours: {Numbers}", file.FileName, string.Join(", ", file.Acknowledgement!.Unmatched));
        foreach (var file in turn.Received.Where(f => f.Authorisation?.Unmatched.Count > 0))
            log.LogWarning("{File} answers requests that are not ours: {Traces}", file.FileName, string.Join(", ", file.Authorisation!.Unmatched));
    }

    private static async Task<bool> NextTickAsync(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
