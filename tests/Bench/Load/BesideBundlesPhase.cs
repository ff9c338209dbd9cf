using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using FhirEmr.Bench.Report;

namespace FhirEmr.Bench.Load;

/// <param name="Alone">Latency of single creates with nothing else going on.</param>
/// <param name="Beside">The same while large bundles are written without a pause.</param>
internal sealed record BesideBundlesFigures(int BundleEntries, int Bundles, double BundleP50, LatencySummary Alone, LatencySummary Beside, IReadOnlyList<string> Errors);

/// <summary>Whether a large transaction keeps small writes waiting: single creates at concurrency 4, alone and beside transactions of 5,000 entries.</summary>
internal sealed class BesideBundlesPhase(FhirClient client, TimeSpan duration, IReadOnlyList<(string Type, byte[] Json)> samples)
{
    private const int Workers = 4;
    private const int Entries = 5_000;

    private readonly List<string> _errors = [];

    public async Task<BesideBundlesFigures> RunAsync(CancellationToken ct)
    {
        var bundle = Bundle();
        await client.PostAsync("", bundle, ct); // warm-up
        var alone = await CreatesAsync(ct);

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var large = new Latencies();
        var posting = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                var answer = await client.PostAsync("", bundle, ct);
                large.Add(answer.Elapsed);
                if (!answer.IsSuccess)
                    Note($"bundle of {Entries}: {answer}");
            }
        }, ct);
        var beside = await CreatesAsync(ct);
        await enough.CancelAsync();
        await posting;
        return new BesideBundlesFigures(Entries, large.Count, large.Summary().P50, alone, beside, _errors);
    }

    private async Task<LatencySummary> CreatesAsync(CancellationToken ct)
    {
        var latencies = new Latencies();
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(w => Task.Run(async () =>
        {
            var random = new Random(w);
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                var (type, json) = samples[random.Next(samples.Count)];
                var answer = await client.PostAsync(type, json, ct);
                latencies.Add(answer.Elapsed);
                if (!answer.IsSuccess)
                    Note($"create {type}: {answer}");
            }
        }, ct)));
        return latencies.Summary();
    }

    private byte[] Bundle()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("resourceType", "Bundle");
            writer.WriteString("type", "transaction");
            writer.WriteStartArray("entry");
            for (var i = 0; i < Entries; i++)
            {
                var (type, json) = samples[i % samples.Count];
                writer.WriteStartObject();
                writer.WritePropertyName("resource");
                writer.WriteRawValue(json);
                writer.WriteStartObject("request");
                writer.WriteString("method", "POST");
                writer.WriteString("url", type);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void Note(string error)
    {
        lock (_errors)
            _errors.Add(error);
    }
}
