using System.Diagnostics;
using System.Net.Sockets;
using FhirEmr.Bench.Report;

namespace FhirEmr.Bench.Load;

/// <param name="ServerCpuMicroseconds">CPU of the serving process per request; null when its pid is not known.</param>
internal sealed record ReadFigures(long Requests, double PerSecond, int Errors, LatencySummary Latency, double AverageBytes, double? ServerCpuMicroseconds);

/// <summary>Reads random resources by id as fast as so many connections can, or at an even pace.</summary>
internal sealed class ReadPhase(Uri server, string? bearer)
{
    /// <summary>Requests a second of all connections together; null for as many as can be.</summary>
    public double? Pace { get; init; }

    public async Task<ReadFigures> RunAsync(IReadOnlyList<string> targets, int concurrency, TimeSpan duration, int? serverPid, CancellationToken ct)
    {
        if (server.Scheme != Uri.UriSchemeHttp)
            throw new BenchException("Reads are measured over plain http on this machine; --base must be an http address.");

        var requests = targets.Select(target => RawConnection.Request(server, target, bearer)).ToArray();
        var cpu = ProcessUsage.CpuSeconds(serverPid);
        var start = Stopwatch.GetTimestamp();
        var workers = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(w => Task.Run(() => WorkAsync(requests, new Random(w), start, duration, Pace is { } pace ? (TimeSpan.FromSeconds(w / pace), TimeSpan.FromSeconds(concurrency / pace)) : null, ct), ct)));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var cpuSeconds = ProcessUsage.CpuSeconds(serverPid) - cpu;

        var latencies = new Latencies();
        foreach (var elapsed in workers.SelectMany(w => w.Latencies))
            latencies.Add(elapsed);
        long done = latencies.Count;
        return new ReadFigures(
            done, done / seconds, workers.Sum(w => w.Errors), latencies.Summary(),
            done == 0 ? 0 : workers.Sum(w => w.Bytes) / (double)done, cpuSeconds * 1e6 / Math.Max(1, done));
    }

    private async Task<Worker> WorkAsync(byte[][] requests, Random random, long start, TimeSpan duration, (TimeSpan First, TimeSpan Every)? pace, CancellationToken ct)
    {
        var worker = new Worker();
        using var connection = await RawConnection.OpenAsync(server, ct);
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            if (pace is var (first, every) && first + every * worker.Latencies.Count - Stopwatch.GetElapsedTime(start) is var early && early > TimeSpan.Zero)
                await Task.Delay(early, ct);
            var sent = Stopwatch.GetTimestamp();
            try
            {
                var (status, bytes) = await connection.GetAsync(requests[random.Next(requests.Length)], ct);
                worker.Latencies.Add(Stopwatch.GetElapsedTime(sent));
                worker.Bytes += bytes;
                if (status != 200)
                    worker.Errors++;
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                worker.Errors++;
                break; // this connection is gone; the count says so
            }
        }

        return worker;
    }

    private sealed class Worker
    {
        public List<TimeSpan> Latencies { get; } = [];

        public long Bytes { get; set; }

        public int Errors { get; set; }
    }
}
