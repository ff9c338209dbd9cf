using FhirEmr.Bench.Load;
using FhirEmr.Bench.Searches;

namespace FhirEmr.Bench.Profile;

/// <param name="CpuMs">CPU milliseconds of the server for each thing done.</param>
/// <param name="Unit">What was done: a resource, a request.</param>
internal sealed record CpuProfile(string Name, string Title, string Unit, double CpuMs, IReadOnlyList<Sample> Samples);

/// <summary>Fills a server and samples it during each phase once it is warm.</summary>
internal sealed class ProfileRun(RunSettings settings, string folder)
{
    private const int CrudConcurrency = 8;
    private const int ReadConcurrency = 16;
    private const int ReadTargets = 50_000;

    private readonly Corpus _corpus = new();

    public async Task<IReadOnlyList<CpuProfile>> RunAsync(CancellationToken ct)
    {
        using var client = new FhirClient(settings.FhirBase, settings.Bearer, 16);
        var bundles = settings.Source.Bundles(settings.Copies, settings.MostBundles);
        if (bundles.Count <= settings.WarmUpBundles)
            throw new BenchException($"{bundles.Count} bundles leave nothing after a warm-up of {settings.WarmUpBundles}; use --copies or --warmup-bundles.");
        var ingest = new IngestPhase(client, settings.IngestConcurrency, settings.ServerPid, settings.DatabasePid);

        Say.Line($"profile: {settings.WarmUpBundles} bundles before it begins");
        var first = bundles.Take(settings.WarmUpBundles).ToList();
        if ((await ingest.RunAsync(first, ct)).Errors is [var error, ..])
            throw new BenchException(error);
        Say.Line($"profile: {bundles.Count - settings.WarmUpBundles} bundles");
        var rest = bundles.Skip(settings.WarmUpBundles).ToList();
        var (loaded, ingestSamples) = await SampledAsync(() => ingest.RunAsync(rest, ct), ct);
        foreach (var bundle in first.Concat(rest).Where(b => b.Response is not null))
            _corpus.Add(bundle);

        Say.Line($"profile: single creates");
        Task<CrudFigures> Creates(TimeSpan duration) => new CrudPhase(client, CrudConcurrency, duration, settings.ServerPid, _corpus.Samples) { CreatesOnly = true }.RunAsync(ct);
        await Creates(settings.PhaseDuration); // what compiles at first is not what one wants to see
        var (crud, createSamples) = await SampledAsync(() => Creates(settings.PhaseDuration), ct);

        Say.Line($"profile: reads");
        var path = settings.FhirBase.AbsolutePath.TrimEnd('/');
        var keys = _corpus.Keys.ToArray();
        new Random(3).Shuffle(keys);
        var targets = keys.Take(ReadTargets).Select(key => $"{path}/{key}").ToArray();
        var phase = new ReadPhase(settings.FhirBase, settings.Bearer);
        await phase.RunAsync(targets, ReadConcurrency, settings.PhaseDuration, serverPid: null, ct);
        var (reads, readSamples) = await SampledAsync(() => phase.RunAsync(targets, ReadConcurrency, settings.PhaseDuration, settings.ServerPid, ct), ct);

        return
        [
            new("ingest", "Transaction bundles, warm", "resource", loaded.ServerCpuMs ?? 0, ingestSamples),
            new("creates", "Single creates, 8 at a time, warm", "create", crud.CreateCpuMs ?? 0, createSamples),
            new("reads", "Reads by id, 16 at a time, warm", "read", (reads.ServerCpuMicroseconds ?? 0) / 1000, readSamples),
        ];
    }

    private async Task<(T Figures, IReadOnlyList<Sample> Samples)> SampledAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        var recording = PerfRecording.Start(settings.ServerPid!.Value, folder);
        var figures = await work();
        return (figures, await recording.StopAsync(ct));
    }
}
