using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Removes what uploads left behind that broke off, or whose process died, before a version referred to it (reliability R-5).</summary>
internal sealed class AbandonedContent(ContentStore contents, TimeProvider clock, ILogger<AbandonedContent> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>Longer than any upload and the write behind it can take.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromHours(6);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            do
            {
                try
                {
                    var swept = await contents.SweepAsync(clock.GetUtcNow() - Age, SystemPlans.Contents, stoppingToken);
                    if (swept > 0)
                        log.LogInformation("Removed {Count} uploads that no Binary came to refer to", swept);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    log.LogWarning(e, "Could not remove abandoned uploads; the next round tries again");
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
