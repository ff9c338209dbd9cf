using System.Globalization;
using System.Net;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Validation;

/// <summary>What validation adds to a write over HTTP: the same creates, one at a time and in turns, on a server that validates nothing and on one that refuses what is wrong; and to its start.</summary>
internal sealed class WriteCost(string program, string packages, int rounds)
{
    private const int LeastBytes = 7_000, MostBytes = 14_000, Least = 5, Starts = 5;

    public async Task RunAsync(IEnumerable<byte[]> examples, CancellationToken ct)
    {
        var fitting = examples.Where(e => e.Length is >= LeastBytes and <= MostBytes).ToList();
        await using var off = await Stage.SetAsync(program, Engine.Sqlite, [$"--Definitions:Folder={Path.Combine(Path.GetTempPath(), "no-definitions")}", "--Validation:Write:Default=Off"], ct);
        await using var strict = await Stage.SetAsync(program, Engine.Sqlite, [$"--Definitions:Folder={Path.GetFullPath(packages)}", "--Validation:Write:Default=Strict"], ct);
        using FhirClient plain = new(off.Server.FhirBase, off.Bearer, 1), validating = new(strict.Server.FhirBase, strict.Bearer, 1);

        // Examples name resources that are not here; measured is what both servers take. Taking them all is the warming up, too.
        var taken = new List<(string Type, byte[] Json)>();
        foreach (var json in fitting)
            if (TypeOf(json) is { } type && (await plain.PostAsync(type, json, ct)).Status == HttpStatusCode.Created && (await validating.PostAsync(type, json, ct)).Status == HttpStatusCode.Created)
                taken.Add((type, json));
        if (taken.Count < Least)
            throw new BenchException($"Of {fitting.Count} examples of about 10 kB both servers take only {taken.Count}.");

        Latencies without = new(), with = new();
        for (var round = 0; round < rounds; round++)
            foreach (var (type, json) in taken)
            {
                without.Add(await ElapsedAsync(plain, type, json, ct));
                with.Add(await ElapsedAsync(validating, type, json, ct));
            }

        var (a, b) = (without.Summary(), with.Summary());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"creates over HTTP, {taken.Count} examples of {taken.Average(t => t.Json.Length) / 1024:F1} kB on average, {without.Count} of each, one at a time"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  not validated        p50 {a.P50:F2} ms  p95 {a.P95:F2} ms"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  Validation:Write strict  p50 {b.P50:F2} ms  p95 {b.P95:F2} ms"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  added                p50 {b.P50 - a.P50:F2} ms  p95 {b.P95 - a.P95:F2} ms (goal: 3)"));

        List<double> bare = [], defined = [];
        for (var start = 0; start < Starts; start++)
        {
            bare.Add(await StartAsync(off, ct));
            defined.Add(await StartAsync(strict, ct));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"start to ready on these records, medians of {Starts}: without definitions {Middle(bare):F0} ms, with them and strict {Middle(defined):F0} ms (goal: 200 more)"));
    }

    private static async Task<TimeSpan> ElapsedAsync(FhirClient client, string type, byte[] json, CancellationToken ct)
    {
        var answer = await client.PostAsync(type, json, ct);
        return answer.Status == HttpStatusCode.Created ? answer.Elapsed : throw new BenchException($"POST {type}: {answer}");
    }

    private static async Task<double> StartAsync(Stage stage, CancellationToken ct)
    {
        await stage.RestartAsync(ct);
        return stage.Server.StartToReady.TotalMilliseconds;
    }

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string? TypeOf(byte[] json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        return document.RootElement.GetProperty("resourceType").GetString();
    }
}
