using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Billing;

/// <summary>Billing beside the server: bills encounters as they finish, and turns the exchange with payers.</summary>
/// <remarks>Nothing is remembered here that cannot be read again: after a crash the next turn continues where the records stand.</remarks>
internal sealed class BillingWorker(EncounterWatch encounters, BillingCycle cycle, IOptions<BillingOptions> options, TimeProvider clock, ILogger<BillingWorker> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var settings = options.Value;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Max(1, settings.CycleSeconds)), clock);
        do
        {
            try
            {
                if (settings.Automatic)
                    await encounters.RunAsync(stoppingToken);
                Tell(await cycle.RunAsync(stoppingToken));
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
            log.LogWarning("{File} was refused and is in the rejected folder: {Finding}", file.FileName, (file.Acknowledgement?.Findings ?? file.Remittance?.Findings ?? file.Eligibility?.Findings) is [var first, ..] ? first.ToString() : "unreadable");
        foreach (var file in turn.Received.Where(f => f.Acknowledgement?.Unmatched.Count > 0))
            log.LogWarning("{File} names what is not ours: {Numbers}", file.FileName, string.Join(", ", file.Acknowledgement!.Unmatched));
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
