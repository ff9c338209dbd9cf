using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Looks for code releases that the command line or another node loaded, so that a running server answers from them.</summary>
internal sealed class TerminologyWatch(TerminologyService terminology, TimeProvider clock, ILogger<TerminologyWatch> log) : Watch(Every, clock, log)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    protected override Task TurnAsync(CancellationToken ct)
    {
        var before = terminology.Editions.Count;
        terminology.Refresh();
        if (terminology.Editions.Count != before)
            log.LogInformation("Code releases in force now: {Editions}", string.Join(", ", terminology.Editions.Select(e => e.Id)));
        return Task.CompletedTask;
    }
}
