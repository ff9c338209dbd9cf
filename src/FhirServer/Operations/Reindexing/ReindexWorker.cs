using System.Diagnostics;
using FhirEmr.FhirServer.Storage.Reindex;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Operations.Reindexing;

/// <summary>Runs the reindex beside the server, resting between steps so that nobody waits for it.</summary>
internal sealed class ReindexWorker(
    Reindexer reindexer, CustomParameterRegistry registry, IOptions<ReindexOptions> options, TimeProvider clock, ILogger<ReindexWorker> log) : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2), LongestRest = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failed = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var start = Stopwatch.GetTimestamp();
                await registry.RefreshAsync(stoppingToken);
                await reindexer.ReconcileAsync(stoppingToken);
                if (await reindexer.StepAsync(stoppingToken))
                    await Task.Delay(Rest(Stopwatch.GetElapsedTime(start)), clock, stoppingToken);
                else
                    await registry.Work.WaitAsync(Poll, stoppingToken);
                failed = 0;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The boundary of a background step: the job's row says where to go on.
                log.LogError(e, "A step of the reindex failed; it is tried again");
                await RestAsync(++failed, stoppingToken);
            }
        }
    }

    private TimeSpan Rest(TimeSpan worked)
    {
        var share = Math.Clamp(options.Value.Share, 0.01, 1);
        var rest = worked * ((1 - share) / share);
        return rest < LongestRest ? rest : LongestRest;
    }

    private async Task RestAsync(int failed, CancellationToken ct)
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(30, 1 << Math.Min(failed, 5))), clock, ct);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
