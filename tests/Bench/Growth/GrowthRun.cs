using FhirEmr.Bench.Input;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Searches;

namespace FhirEmr.Bench.Growth;

/// <summary>Fills one server step by step and measures the same things at each size; every search is checked against our own count.</summary>
internal sealed class GrowthRun(RunSettings settings, IReadOnlyList<int> sizes)
{
    private const int ReadConcurrency = 16;
    private const int ReadTargets = 50_000;

    private readonly Corpus _corpus = new();
    private readonly Random _random = new(3);

    public async Task<IReadOnlyList<GrowthPoint>> RunAsync(CancellationToken ct)
    {
        using var client = new FhirClient(settings.FhirBase, settings.Bearer, ReadConcurrency);
        var bundles = settings.Source.Bundles(settings.Copies, sizes[^1]);
        if (bundles.Count < sizes[^1])
            throw new BenchException($"The input gives {bundles.Count} bundles, {sizes[^1]} are asked for: raise --copies.");

        var ingest = new IngestPhase(client, settings.IngestConcurrency, settings.ServerPid, settings.DatabasePid);
        var points = new List<GrowthPoint>();
        var done = 0;
        foreach (var size in sizes)
        {
            // The first bundles warm the program up and are not in the rate.
            var errors = new List<string>();
            if (done == 0)
                done = await LoadAsync(bundles, 0, Math.Min(settings.WarmUpBundles, size / 2));

            Say.Line($"growth: {settings.Engine}, to {size} bundles");
            var part = bundles.Skip(done).Take(size - done).ToList();
            var figures = await ingest.RunAsync(part, ct);
            errors.AddRange(figures.Errors);
            Remember(part);
            done = size;

            var searches = await new SearchPhase(client, new Drawing(_corpus, _random, DateTimeOffset.MaxValue, new HashSet<string>()), settings.CasesPerShape, settings.SearchRounds)
                .RunAsync([.. PatientShapes.All, .. StoreShapes.All], check: true, ct);
            errors.AddRange(searches.WrongTotals);
            var store = searches.Shapes.Where(s => !s.IsPatientScoped).ToList();
            points.Add(new GrowthPoint(
                settings.Engine, size, _corpus.Count, figures.PerSecond, figures.ServerCpuMs, searches.PatientScoped.P50, searches.PatientScoped.P95,
                Math.Exp(store.Average(s => Math.Log(Math.Max(0.001, s.Latency.P50)))), (await ReadAsync(ct)).PerSecond,
                await DatabaseSize.MeasureAsync(settings.Database, ct) / (double)_corpus.MinifiedBytes, ProcessUsage.MemoryMb(settings.ServerPid)?.Now, searches.Checked, errors));
        }

        return points;

        async Task<int> LoadAsync(IReadOnlyList<InputBundle> all, int from, int count)
        {
            var first = all.Skip(from).Take(count).ToList();
            var cold = await ingest.RunAsync(first, ct);
            if (cold.Errors.Count > 0)
                throw new BenchException($"The first bundles could not be loaded: {cold.Errors[0]}");
            Remember(first);
            return from + count;
        }
    }

    private void Remember(IEnumerable<InputBundle> loaded)
    {
        foreach (var bundle in loaded.Where(b => b.Response is not null))
            _corpus.Add(bundle);
    }

    private async Task<ReadFigures> ReadAsync(CancellationToken ct)
    {
        var keys = _corpus.Keys.ToArray();
        _random.Shuffle(keys);
        var path = settings.FhirBase.AbsolutePath.TrimEnd('/');
        var targets = keys.Take(ReadTargets).Select(key => $"{path}/{key}").ToArray();
        var phase = new ReadPhase(settings.FhirBase, settings.Bearer);
        await phase.RunAsync(targets, ReadConcurrency, TimeSpan.FromSeconds(1), serverPid: null, ct); // warm-up
        return await phase.RunAsync(targets, ReadConcurrency, settings.PhaseDuration, settings.ServerPid, ct);
    }
}
