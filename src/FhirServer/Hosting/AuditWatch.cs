using FhirEmr.FhirServer.Security.Audit;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Counts refusals that have no row of their own into one, each minute (security.md S-53). Each node counts its own.</summary>
internal sealed class AuditWatch(AuditLog audit, RefusalCap cap, TimeProvider clock, ILogger<AuditWatch> log) : Watch(Every, clock, log)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    protected override async Task TurnAsync(CancellationToken ct)
    {
        if (!audit.IsEnabled)
            return;
        foreach (var (address, count) in cap.Over())
            await audit.RecordAsync(RefusalCap.Aggregate(address, count));
    }
}
