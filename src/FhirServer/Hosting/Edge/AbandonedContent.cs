using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Removes what uploads left behind that broke off, or whose process died, before a version referred to it (reliability R-5).</summary>
internal sealed class AbandonedContent(ContentStore contents, TimeProvider clock, ILogger<AbandonedContent> log)
{
    /// <summary>Longer than any upload and the write behind it can take.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromHours(6);

    public async Task RunAsync(CancellationToken ct)
    {
        var swept = await contents.SweepAsync(clock.GetUtcNow() - Age, SystemPlans.Contents, ct);
        if (swept > 0)
            log.LogInformation("Removed {Count} uploads that no Binary came to refer to", swept);
    }
}
