using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;

namespace FhirEmr.Bench.Searches;

internal sealed record ShapeFigures(string Name, bool IsPatientScoped, LatencySummary Latency, double AverageMatches);

/// <param name="WrongTotals">Answers that differ from our own count, each in a sentence. Must be empty.</param>
internal sealed record SearchFigures(IReadOnlyList<ShapeFigures> Shapes, LatencySummary PatientScoped, LatencySummary All, int Checked, IReadOnlyList<string> WrongTotals)
{
    public double GeometricMeanP50 => Math.Exp(Shapes.Average(s => Math.Log(Math.Max(0.001, s.Latency.P50))));
}

/// <summary>Blended searches one after another, every shape with parameters drawn from the data, in shuffled order.</summary>
internal sealed class SearchPhase(FhirClient client, Drawing drawing, int casesPerShape, int rounds)
{
    public async Task<SearchFigures> RunAsync(IReadOnlyList<SearchShape> shapes, bool check, CancellationToken ct)
    {
        var cases = shapes.Select(shape => (Shape: shape, Cases: Draw(shape))).Where(s => s.Cases.Count > 0).ToList();
        var wrong = check ? await CheckAsync(cases.SelectMany(c => c.Cases), ct) : [];
        var latencies = cases.ToDictionary(c => c.Shape, _ => new Latencies());
        var (all, scoped) = (new Latencies(), new Latencies());

        for (var round = -1; round < rounds; round++) // round -1 warms up and is not counted
        {
            var blend = cases.SelectMany(c => c.Cases.Select(one => (c.Shape, Case: one))).ToArray();
            drawing.Random.Shuffle(blend);
            foreach (var (shape, one) in blend)
            {
                var answer = await client.GetAsync(one.TimedUrl, ct);
                if (!answer.IsSuccess)
                    wrong.Add($"{one.TimedUrl}: {answer}");
                if (round < 0)
                    continue;
                latencies[shape].Add(answer.Elapsed);
                all.Add(answer.Elapsed);
                if (shape.IsPatientScoped)
                    scoped.Add(answer.Elapsed);
            }
        }

        return new SearchFigures(
            [.. cases.Select(c => new ShapeFigures(c.Shape.Name, c.Shape.IsPatientScoped, latencies[c.Shape].Summary(), c.Cases.Average(one => (double)one.Expected.Count)))],
            scoped.Summary(), all.Summary(), check ? cases.Sum(c => c.Cases.Count) : 0, [.. wrong.Distinct()]);
    }

    private List<SearchCase> Draw(SearchShape shape)
    {
        var drawn = new Dictionary<string, SearchCase>(StringComparer.Ordinal);
        for (var attempt = 0; attempt < casesPerShape * 4 && drawn.Count < casesPerShape; attempt++)
            if (shape.Draw(drawing) is { } search)
                drawn.TryAdd(search.Filter, search);
        return [.. drawn.Values];
    }

    private async Task<List<string>> CheckAsync(IEnumerable<SearchCase> cases, CancellationToken ct)
    {
        var checker = new SearchChecker(client);
        var wrong = new List<string>();
        foreach (var one in cases)
            if (await checker.CheckAsync(one, ct) is { } error)
                wrong.Add(error);
        return wrong;
    }
}
