using System.Diagnostics;
using FhirEmr.Bench.Input;
using FhirEmr.Bench.Report;

namespace FhirEmr.Bench.Load;

/// <param name="ServerCpuMs">CPU milliseconds of the server per resource; null when its pid is not known.</param>
/// <param name="DatabaseCpuMs">The same for the database's own processes.</param>
internal sealed record IngestFigures(
    int Bundles, int Resources, double Seconds, double PerSecond, LatencySummary Bundle, double? ServerCpuMs, double? DatabaseCpuMs, double ClientCpuMs,
    IReadOnlyList<string> Errors)
{
    /// <summary>CPU milliseconds per resource of the server and its database together.</summary>
    public double? EngineCpuMs => ServerCpuMs + (DatabaseCpuMs ?? 0);
}

/// <summary>Posts transaction bundles, a few at a time, in order.</summary>
internal sealed class IngestPhase(FhirClient client, int concurrency, int? serverPid, int? databasePid)
{
    public async Task<IngestFigures> RunAsync(IReadOnlyList<InputBundle> bundles, CancellationToken ct)
    {
        var latencies = new Latencies();
        var errors = new List<string>();
        var server = ProcessUsage.CpuSeconds(serverPid);
        var database = ProcessUsage.CpuSeconds(databasePid, withChildren: true);
        var own = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();

        await Parallel.ForEachAsync(bundles, new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = ct }, async (bundle, token) =>
        {
            var answer = await client.PostAsync("", bundle.Json, token);
            latencies.Add(answer.Elapsed);
            if (answer.IsSuccess)
                bundle.Response = answer.Body;
            else
                lock (errors)
                    errors.Add($"{bundle.Name}: {answer}");
        });

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var serverMs = (ProcessUsage.CpuSeconds(serverPid) - server) * 1000;
        var databaseMs = (ProcessUsage.CpuSeconds(databasePid, withChildren: true) - database) * 1000;
        var ownMs = (Environment.CpuUsage.TotalTime - own).TotalMilliseconds;
        var resources = Math.Max(1, bundles.Where(b => b.Response is not null).Sum(TransactionResponse.Entries));
        return new IngestFigures(
            bundles.Count, resources, seconds, resources / seconds, latencies.Summary(), serverMs / resources, databaseMs / resources, ownMs / resources, errors);
    }
}
