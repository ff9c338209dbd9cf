using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Validation.Definitions;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Beside the server's start and from then on: works in packages that came or changed, and definitions that other nodes stored.</summary>
internal sealed class DefinitionsWatch(DefinitionStore definitions, ConformanceResources stored, TimeProvider clock, ILogger<DefinitionsWatch> log) : Watch(Every, clock, log)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private string tried = "";

    protected override async Task TurnAsync(CancellationToken ct)
    {
        await stored.RefreshAsync(ct);
        Build(ct);
    }

    /// <summary>Once for each state of the folder: what fails now fails again until someone changes something.</summary>
    private void Build(CancellationToken ct)
    {
        var fingerprint = DefinitionBuild.Fingerprint(definitions.Folder);
        if (fingerprint == tried || !definitions.IsStale)
            return;
        tried = fingerprint;
        foreach (var report in DefinitionBuild.Run(definitions.Folder, ct))
            foreach (var problem in report.Problems)
                log.LogWarning("Package {Package}: {Problem}", report.File, problem);
        definitions.Reload();
        log.LogInformation("Definitions of {Count} packages are in use.", definitions.Packages.Count);
    }
}
