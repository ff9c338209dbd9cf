using FhirEmr.FhirServer.Operations.Integrity;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Goes on with purges that a crash or a stop interrupted: at start, and again while another node may have died.</summary>
internal sealed class PurgeWatch(Purging purging, TimeProvider clock, ILogger<PurgeWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var job in await purging.LeftAsync(stoppingToken))
                {
                    var (purged, _) = await purging.ContinueAsync(job, stoppingToken);
                    log.LogInformation("Purge {Job} was taken up again and is over: {Count} resources", job.Id, purged);
                }

                await Task.Delay(Every, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return; // its progress is stored: the next start goes on
            }
            catch (Exception e) when (e is Storage.StorageUnavailableException or Storage.StorageFullException or Storage.StorageFailedException)
            {
                log.LogWarning(e, "Purges left from before wait for the database");
                await Task.Delay(Every, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
