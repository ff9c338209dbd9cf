using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Space;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Whether requests should come here: the process is not stopping, and the database answers and takes writes (reliability R-45).</summary>
/// <remarks>
/// The database is asked at most once a second, however many ask, and given up after <see cref="Patience"/>: the answer comes also when the database hangs.
/// The schema is current and the keys are loaded before anything listens. A server that only reads for want of room stays ready, and says so: taken away
/// it could not even read.
/// </remarks>
internal sealed class Readiness(IResourceStore store, FreeSpace space, IHostApplicationLifetime host, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private Task<string?>? probe;
    private long asked;

    /// <summary>One line, and whether it means yes.</summary>
    public async Task<(bool IsReady, string Text)> AskAsync(CancellationToken ct)
    {
        if (host.ApplicationStopping.IsCancellationRequested)
            return (false, "stopping"); // the load balancer is to look elsewhere at once
        return await Probe().WaitAsync(ct) is { } fault ? (false, fault) : (true, space.IsReadOnly ? "ready to read only: the disk is nearly full" : "ready");
    }

    private Task<string?> Probe()
    {
        lock (gate)
        {
            if (probe is null || (probe.IsCompleted && clock.GetElapsedTime(asked) >= Fresh))
                (asked, probe) = (clock.GetTimestamp(), Task.Run(ProbeAsync));
            return probe;
        }
    }

    private async Task<string?> ProbeAsync()
    {
        using var limit = new CancellationTokenSource(Patience, clock);
        try
        {
            return await store.IsReadyAsync(limit.Token).WaitAsync(limit.Token) ? null : "the database takes no writes";
        }
        catch (Exception e) when (e is System.Data.Common.DbException or TimeoutException or OperationCanceledException or ObjectDisposedException
            or StorageUnavailableException or StorageFailedException or StorageFullException)
        {
            return "the database does not answer";
        }
    }
}
