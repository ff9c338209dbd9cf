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
        var (stored, watch) = (0, new Stopwatch());
        for (var copy = 0; stored < resources; copy++)
        {
            var bundles = first.Select(b => (b.Name, Json: copy == 0 ? b.Json : FreshIdentities.Copy(b.Json, copy), Count: JsonNode.Parse(b.Json)!["entry"]!.AsArray().Count)).ToList();
            watch.Start(); // making copies is no work of the server's
            await Parallel.ForEachAsync(bundles, new ParallelOptions { MaxDegreeOfParallelism = settings.IngestConcurrency + 1, CancellationToken = ct }, async (bundle, token) =>
            {
                var answer = await client.PostAsync("", bundle.Json, token);
                if (!answer.IsSuccess)
                    throw new BenchException($"{bundle.Name}#{copy}: {answer}");
                Interlocked.Add(ref stored, bundle.Count);
            });
            watch.Stop();
        }

        return (stored, stored / watch.Elapsed.TotalSeconds);
    }
}
