using System.Text.Json;
using FhirEmr.Bench.Input;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Searches;

namespace FhirEmr.Bench.Load;

/// <summary>One whole run against an empty server: load cold, load warm, write, read, search, and check what the searches say.</summary>
internal sealed class ServerRun(RunSettings settings)
{
    private const int CrudConcurrency = 8;
    private const int ReadConcurrency = 16;
    private const int ReadTargets = 50_000;

    private readonly Corpus _corpus = new();
    private readonly Random _random = new(3);

    public async Task<RunFigures> RunAsync(CancellationToken ct)
    {
        using var client = new FhirClient(settings.FhirBase, settings.Bearer, 16);
        await RefuseFilledStoreAsync(client, ct);
        var emptyBytes = await DatabaseSize.MeasureAsync(settings.Database, ct);

        Say.Line($"run: preparing bundles from {settings.Source.Description}");
        var bundles = settings.Source.Bundles(settings.Copies, settings.MostBundles);
        if (bundles.Count <= settings.WarmUpBundles)
            throw new BenchException($"{bundles.Count} bundles leave nothing after a warm-up of {settings.WarmUpBundles}; use --copies or --warmup-bundles.");

        var ingest = new IngestPhase(client, settings.IngestConcurrency, settings.ServerPid, settings.DatabasePid);
        Say.Line($"run: {settings.WarmUpBundles} bundles into a cold server");
        var cold = await IngestAsync(ingest, [.. bundles.Take(settings.WarmUpBundles)], ct);
        Say.Line($"run: patient-scoped searches on {_corpus.Count} resources");
        var nothing = new HashSet<string>();
        var early = await Searches(client, nothing, DateTimeOffset.MaxValue).RunAsync(PatientShapes.All, check: true, ct);
        Say.Line($"run: {bundles.Count - settings.WarmUpBundles} bundles into the warm server");
        var warm = await IngestAsync(ingest, [.. bundles.Skip(settings.WarmUpBundles)], ct);
        var memory = ProcessUsage.MemoryMb(settings.ServerPid);
        var databaseBytes = await DatabaseSize.MeasureAsync(settings.Database, ct);

        var sinceIngest = await BetweenSecondsAsync(ct);
        Say.Line($"run: single writes at concurrency {CrudConcurrency}");
        var phase = new CrudPhase(client, CrudConcurrency, settings.PhaseDuration, settings.ServerPid, _corpus.Samples);
        var crud = await phase.RunAsync(ct);
        foreach (var (key, json) in phase.Alive)
            _corpus.Add(key, json);

        Say.Line($"run: reads at concurrency {ReadConcurrency}");
        var reads = await ReadAsync(ct);
        Say.Line($"run: {PatientShapes.All.Count + StoreShapes.All.Count} shapes of search on {_corpus.Count} resources");
        var searches = await Searches(client, phase.Alive.Keys.ToHashSet(StringComparer.Ordinal), sinceIngest).RunAsync([.. PatientShapes.All, .. StoreShapes.All], check: true, ct);

        // Last, because what it writes is not counted.
        Say.Line($"run: single creates beside large bundles");
        var beside = await new BesideBundlesPhase(client, settings.PhaseDuration, _corpus.Samples).RunAsync(ct);

        return new RunFigures
        {
            Input = $"{settings.Source.Description}, {bundles.Count} bundles",
            Engine = settings.Engine,
            Cold = cold,
            Warm = warm,
            MinifiedBytes = _corpus.MinifiedBytes,
            DatabaseBytes = databaseBytes,
            EmptyDatabaseBytes = emptyBytes,
            ResidentMb = memory?.Now,
            PeakMb = memory?.Peak,
            Crud = crud,
            Reads = reads,
            BesideBundles = beside,
            EarlySearches = early,
            Searches = searches,
        };
    }

    private async Task<IngestFigures> IngestAsync(IngestPhase phase, IReadOnlyList<InputBundle> bundles, CancellationToken ct)
    {
        var figures = await phase.RunAsync(bundles, ct);
        foreach (var bundle in bundles.Where(b => b.Response is not null))
            _corpus.Add(bundle);
        if (figures.Errors.Count == bundles.Count)
            throw new BenchException($"Not one bundle could be loaded. The first: {figures.Errors[0]}");
        return figures;
    }

    private SearchPhase Searches(FhirClient client, IReadOnlySet<string> written, DateTimeOffset since) =>
        new(client, new Drawing(_corpus, _random, since, written), settings.CasesPerShape, settings.SearchRounds);

    private async Task<ReadFigures> ReadAsync(CancellationToken ct)
    {
        var keys = _corpus.Keys.ToArray();
        _random.Shuffle(keys);
        var path = settings.FhirBase.AbsolutePath.TrimEnd('/');
        var targets = keys.Take(ReadTargets).Select(key => $"{path}/{key}").ToArray();
        var phase = new ReadPhase(settings.FhirBase, settings.Bearer);
        await phase.RunAsync(targets, ReadConcurrency, TimeSpan.FromSeconds(2), serverPid: null, ct); // warm-up
        return await phase.RunAsync(targets, ReadConcurrency, settings.PhaseDuration, settings.ServerPid, ct);
    }

    // Totals are compared with a count over the input, so nothing else may be in the store.
    private static async Task RefuseFilledStoreAsync(FhirClient client, CancellationToken ct)
    {
        foreach (var type in (string[])["Patient", "Observation", "Organization"])
        {
            var answer = await client.GetAsync($"{type}?_summary=count", ct);
            if (!answer.IsSuccess)
                throw new BenchException($"{type}?_summary=count: {answer}");
            using var bundle = JsonDocument.Parse(answer.Body);
            if (bundle.RootElement.GetProperty("total").GetInt64() is var total and > 0)
                throw new BenchException($"The store already holds {total} {type} resources; the checks need an empty one.");
        }
    }

    /// <summary>A whole second later than every write so far and earlier than every write to come, whatever precision dates are kept in.</summary>
    private static async Task<DateTimeOffset> BetweenSecondsAsync(CancellationToken ct)
    {
        var now = TimeProvider.System.GetUtcNow();
        var second = new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero).AddSeconds(2);
        await Task.Delay(second - now + TimeSpan.FromMilliseconds(50), ct);
        return second;
    }
}
