using System.Diagnostics;
using System.Text.Json;
using FhirEmr.Bench.Input;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Searches;

namespace FhirEmr.Bench.Growth;

/// <param name="Early">Searches when only the first bundles were in.</param>
/// <param name="Late">The same searches in the full store.</param>
/// <param name="Depth">Paging: name, page number, milliseconds a page around there.</param>
internal sealed record LargeFigures(
    int Resources, double Seconds, SearchFigures Early, SearchFigures Late, IReadOnlyList<(string Name, int Page, double Ms)> Depth, double ReadsPerSecond, long? DatabaseBytes,
    double? ResidentMb, IReadOnlyList<string> Errors);

/// <summary>Fills a store far beyond one practice and asks what was asked of a small one: plans and deep pages must hold.</summary>
/// <remarks>Copies are made as they are sent, so the bench keeps the first bundles only; searches are drawn from those.</remarks>
internal sealed class LargeRun(RunSettings settings, int resources)
{
    private const int Known = 100;
    private static readonly int[] Depths = [1, 10, 100, 1000];
    private static readonly string[] Walks = ["Observation?_count=100", "Observation?_count=100&_sort=-date", "Observation?_count=100&_lastUpdated=ge2000-01-01&_sort=-_lastUpdated"];

    private readonly Corpus _corpus = new();
    private readonly List<string> _errors = [];

    public async Task<LargeFigures> RunAsync(CancellationToken ct)
    {
        using var client = new FhirClient(settings.FhirBase, settings.Bearer, 16);
        var first = settings.Source.Bundles(1, Known);
        var ingest = new IngestPhase(client, settings.IngestConcurrency, settings.ServerPid, settings.DatabasePid);
        var start = Stopwatch.GetTimestamp();
        _errors.AddRange((await ingest.RunAsync(first, ct)).Errors);
        foreach (var bundle in first.Where(b => b.Response is not null))
            _corpus.Add(bundle);
        var perCopy = _corpus.Count;
        var early = await SearchAsync(client, ct);

        var copies = (resources - perCopy) / perCopy;
        var done = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(1, copies).SelectMany(copy => first.Select(bundle => (bundle, copy))),
            new ParallelOptions { MaxDegreeOfParallelism = settings.IngestConcurrency + 1, CancellationToken = ct },
            async (next, token) =>
            {
                var answer = await client.PostAsync("", FreshIdentities.Copy(next.bundle.Json, next.copy), token);
                if (!answer.IsSuccess)
                    lock (_errors)
                        _errors.Add($"{next.bundle.Name}#{next.copy}: {answer}");
                if (Interlocked.Increment(ref done) % 1000 == 0)
                    Say.Line($"large: {done:#,0} of {copies * first.Count:#,0} bundles, {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
            });
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        Say.Line($"large: searches and pages");
        var late = await SearchAsync(client, ct);
        var depth = new List<(string, int, double)>();
        foreach (var walk in Walks)
            depth.AddRange(await WalkAsync(client, walk, ct));
        var path = settings.FhirBase.AbsolutePath.TrimEnd('/');
        var reads = await new ReadPhase(settings.FhirBase, settings.Bearer).RunAsync([.. _corpus.Keys.Select(k => $"{path}/{k}")], 16, settings.PhaseDuration, settings.ServerPid, ct);
        return new LargeFigures(perCopy * (copies + 1), seconds, early, late, depth, reads.PerSecond, await DatabaseSize.MeasureAsync(settings.Database, ct),
            ProcessUsage.MemoryMb(settings.ServerPid)?.Now, _errors);
    }

    // The same seed each time: the same questions. What the whole store answers is not counted here; `bench all` and `bench growth` do that.
    private Task<SearchFigures> SearchAsync(FhirClient client, CancellationToken ct) =>
        new SearchPhase(client, new Drawing(_corpus, new Random(3), DateTimeOffset.MaxValue, new HashSet<string>()), settings.CasesPerShape, settings.SearchRounds)
            .RunAsync([.. PatientShapes.All, .. StoreShapes.All], check: false, ct);

    private async Task<IReadOnlyList<(string, int, double)>> WalkAsync(FhirClient client, string url, CancellationToken ct)
    {
        var times = new List<double>();
        for (string? next = url; next is not null && times.Count < Depths[^1] + 5;)
        {
            var answer = await client.GetAsync(next, ct);
            if (!answer.IsSuccess)
            {
                _errors.Add($"{url}, page {times.Count + 1}: {answer}");
                break;
            }

            times.Add(answer.Elapsed.TotalMilliseconds);
            using var bundle = JsonDocument.Parse(answer.Body);
            next = bundle.RootElement.GetProperty("link").EnumerateArray().Where(l => l.GetProperty("relation").GetString() == "next").Select(l => l.GetProperty("url").GetString()).FirstOrDefault();
        }

        return [.. Depths.Where(d => d <= times.Count).Select(d => (url, d, times.Skip(Math.Max(0, d - 3)).Take(5).Order().ElementAt(Math.Min(2, times.Count - 1))))];
    }
}
