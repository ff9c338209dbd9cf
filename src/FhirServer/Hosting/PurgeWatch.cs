using FhirEmr.FhirServer.Operations.Integrity;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Goes on with purges that a crash or a stop interrupted: at start, and again while another node may have died.</summary>
/// <remarks>The progress of each is stored: a turn cut short is taken up where it was.</remarks>
internal sealed class PurgeWatch(Purging purging, TimeProvider clock, ILogger<PurgeWatch> log) : Watch(Every, clock, log)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    protected override async Task TurnAsync(CancellationToken ct)
    {
        foreach (var job in await purging.LeftAsync(ct))
        {
            var (purged, _) = await purging.ContinueAsync(job, ct);
            log.LogInformation("Purge {Job} was taken up again and is over: {Count} resources", job.Id, purged);
        }
    }
}
