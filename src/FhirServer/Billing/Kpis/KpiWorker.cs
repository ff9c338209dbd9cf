namespace FhirEmr.FhirServer.Billing.Kpis;

/// <summary>Keeps the figures up while nobody asks, so that whoever asks does not wait.</summary>
internal sealed class KpiWorker(KpiKeeper keeper, TimeProvider clock, ILogger<KpiWorker> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>After so long a reader may have a turn.</summary>
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(2);

    /// <summary>The first reading comes after the first answers: at its start the server has better to do.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Settling, clock, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (!await keeper.CatchUpAsync(Stretch, stoppingToken))
                    await Task.Yield();
                await Task.Delay(Every, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The boundary of a background turn: said once, loudly, and tried again at the next.
                log.LogError(e, "The KPIs could not be brought up to date; the next turn tries again");
                await Task.Delay(Every, clock, CancellationToken.None);
            }
        }
    }
}
