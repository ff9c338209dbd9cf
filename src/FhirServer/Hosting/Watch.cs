using System.Data.Common;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>What the server does beside answering, turn after turn, from its start on.</summary>
/// <remarks>
/// A service that throws ends the whole server; but a database that restarts, or a disk that is full for a while, must not. So a turn that fails is told
/// and the next one tries again, whatever it was. All a watch knows can be read again.
/// </remarks>
internal abstract partial class Watch(TimeSpan every, TimeProvider clock, ILogger log) : BackgroundService
{
    // What nobody waits for comes after the first answers: at its start the server has better to do.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    protected TimeProvider Clock => clock;

    protected abstract Task TurnAsync(CancellationToken ct);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, clock);
        try
        {
            await Task.Delay(Settling, clock, stoppingToken);
            do
                await TryAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task TryAsync(CancellationToken ct)
    {
        try
        {
            await TurnAsync(ct);
        }
        catch (Exception e) when (e is StorageUnavailableException or StorageFullException or DbException or IOException)
        {
            Waits(log, e.Message);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            Failed(log, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tried again at the next turn: {Reason}")]
    private static partial void Waits(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn failed; the next one tries again")]
    private static partial void Failed(ILogger log, Exception e);
}
