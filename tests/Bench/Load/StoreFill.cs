using System.Diagnostics;
using System.Text.Json.Nodes;
using FhirEmr.Bench.Input;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Load;

/// <summary>A store is filled with transactions, the first bundles again and again under fresh identities.</summary>
internal static class StoreFill
{
    private const int Known = 100;

    /// <returns>Resources that are stored now, at least as many as asked for, and how many there were a second.</returns>
    public static async Task<(int Stored, double PerSecond)> RunAsync(Stage stage, RunSettings settings, int resources, CancellationToken ct)
    {
        using var client = new FhirClient(stage.Server.FhirBase, stage.Bearer, 8);
        var first = settings.Source.Bundles(1, Known);
        var (stored, watch) = (0, Stopwatch.StartNew());
        for (var copy = 0; stored < resources; copy++)
            await Parallel.ForEachAsync(first, new ParallelOptions { MaxDegreeOfParallelism = settings.IngestConcurrency + 1, CancellationToken = ct }, async (bundle, token) =>
            {
                var answer = await client.PostAsync("", copy == 0 ? bundle.Json : FreshIdentities.Copy(bundle.Json, copy), token);
                if (!answer.IsSuccess)
                    throw new BenchException($"{bundle.Name}#{copy}: {answer}");
                Interlocked.Add(ref stored, JsonNode.Parse(bundle.Json)!["entry"]!.AsArray().Count);
            });
        return (stored, stored / watch.Elapsed.TotalSeconds);
    }
}
