using System.Diagnostics;
using System.Text.Json.Nodes;
using FhirEmr.Bench.Report;

namespace FhirEmr.Bench.Load;

/// <param name="CreateCpuMs">Server CPU milliseconds per create; null when its pid is not known.</param>
/// <param name="Operations">Latency of each kind of request in the mix.</param>
internal sealed record CrudFigures(
    double CreatesPerSecond, LatencySummary Creates, double? CreateCpuMs, double MixPerSecond, IReadOnlyDictionary<string, LatencySummary> Operations, IReadOnlyList<string> Errors);

/// <summary>Single creates, then a mix of create 30 %, read 40 %, update 20 % and delete 10 %, each worker on resources of its own.</summary>
/// <param name="samples">Type and JSON of real resources whose references point at loaded ones.</param>
internal sealed class CrudPhase(FhirClient client, int concurrency, TimeSpan duration, int? serverPid, IReadOnlyList<(string Type, byte[] Json)> samples)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private readonly List<string> _errors = [];
    private readonly Dictionary<string, byte[]> _alive = new(StringComparer.Ordinal);

    /// <summary>Leaves out the mix.</summary>
    public bool CreatesOnly { get; init; }

    /// <summary>What stayed in the store, by <c>Type/id</c>: the searches that follow must find exactly this too.</summary>
    public IReadOnlyDictionary<string, byte[]> Alive => _alive;

    public async Task<CrudFigures> RunAsync(CancellationToken ct)
    {
        await EachWorkerAsync(WarmUp, (worker, token) => CreateAsync(worker, new Latencies(), token), ct);

        var creates = new Latencies();
        var cpu = ProcessUsage.CpuSeconds(serverPid);
        var createSeconds = await EachWorkerAsync(duration, (worker, token) => CreateAsync(worker, creates, token), ct);
        var createMs = (ProcessUsage.CpuSeconds(serverPid) - cpu) * 1000 / Math.Max(1, creates.Count);

        var mix = new Dictionary<string, Latencies> { ["create"] = new(), ["read"] = new(), ["update"] = new(), ["delete"] = new() };
        var mixSeconds = await EachWorkerAsync(CreatesOnly ? TimeSpan.Zero : duration, (worker, token) => worker.Own.Count < 4 ? CreateAsync(worker, mix["create"], token) : worker.Random.Next(100) switch
        {
            < 30 => CreateAsync(worker, mix["create"], token),
            < 70 => ReadAsync(worker, mix["read"], token),
            < 90 => UpdateAsync(worker, mix["update"], token),
            _ => DeleteAsync(worker, mix["delete"], token),
        }, ct);

        return new CrudFigures(
            creates.Count / createSeconds, creates.Summary(), createMs, mix.Values.Sum(l => l.Count) / mixSeconds,
            mix.ToDictionary(m => m.Key, m => m.Value.Summary()), _errors);
    }

    private async Task<double> EachWorkerAsync(TimeSpan time, Func<Worker, CancellationToken, Task> step, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var workers = Enumerable.Range(0, concurrency).Select(w => new Worker(new Random(w + 1))).ToList();
        await Task.WhenAll(workers.Select(worker => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(start) < time)
                await step(worker, ct);
        }, ct)));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var (key, json) in workers.SelectMany(w => w.Own))
            _alive[key] = json;
        return seconds;
    }

    private async Task CreateAsync(Worker worker, Latencies latencies, CancellationToken ct)
    {
        var (type, json) = samples[worker.Random.Next(samples.Count)];
        var answer = await client.PostAsync(type, json, ct);
        latencies.Add(answer.Elapsed);
        if (!Refused("create", type, answer, 201) && answer.Location is { } location)
            worker.Own.Add((TransactionResponse.Key(location), json));
    }

    private async Task ReadAsync(Worker worker, Latencies latencies, CancellationToken ct)
    {
        var (key, _) = worker.Own[worker.Random.Next(worker.Own.Count)];
        var answer = await client.GetAsync(key, ct);
        latencies.Add(answer.Elapsed);
        Refused("read", key, answer, 200);
    }

    private async Task UpdateAsync(Worker worker, Latencies latencies, CancellationToken ct)
    {
        var i = worker.Random.Next(worker.Own.Count);
        var (key, json) = worker.Own[i];
        var changed = Changed(key, json, worker.Random);
        var answer = await client.PutAsync(key, changed, ct);
        latencies.Add(answer.Elapsed);
        if (!Refused("update", key, answer, 200))
            worker.Own[i] = (key, changed);
    }

    private async Task DeleteAsync(Worker worker, Latencies latencies, CancellationToken ct)
    {
        var i = worker.Random.Next(worker.Own.Count);
        var (key, _) = worker.Own[i];
        var answer = await client.DeleteAsync(key, ct);
        latencies.Add(answer.Elapsed);
        if (!Refused("delete", key, answer, 204, 200))
            worker.Own.RemoveAt(i);
    }

    /// <summary>A change that search must notice: a value moved, a tag added.</summary>
    private static byte[] Changed(string key, byte[] json, Random random)
    {
        var resource = JsonNode.Parse(json)!.AsObject();
        resource["id"] = key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (resource["valueQuantity"] is JsonObject quantity)
            quantity["value"] = random.Next(1, 4000) / 10m;
        resource["meta"] = new JsonObject { ["tag"] = new JsonArray(new JsonObject { ["system"] = UpdatedTag.System, ["code"] = UpdatedTag.Code(random) }) };
        return System.Text.Encoding.UTF8.GetBytes(resource.ToJsonString());
    }

    private bool Refused(string operation, string what, Answer answer, params ReadOnlySpan<int> expected)
    {
        if (expected.Contains((int)answer.Status))
            return false;
        lock (_errors)
            _errors.Add($"{operation} {what}: {answer}");
        return true;
    }

    private sealed class Worker(Random random)
    {
        public Random Random { get; } = random;

        public List<(string Key, byte[] Json)> Own { get; } = [];
    }
}
