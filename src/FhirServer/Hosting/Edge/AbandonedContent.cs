using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Removes what uploads left behind that broke off, or whose process died, before a version referred to it (reliability R-5).</summary>
internal sealed class AbandonedContent(ContentStore contents, TimeProvider clock, ILogger<AbandonedContent> log) : Watch(Every, clock, log)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>Longer than any upload and the write behind it can take.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromHours(6);

    protected override async Task TurnAsync(CancellationToken ct)
    {
        var swept = await contents.SweepAsync(Clock.GetUtcNow() - Age, SystemPlans.Contents, ct);
        if (swept > 0)
            log.LogInformation("Removed {Count} uploads that no Binary came to refer to", swept);
    }
}
