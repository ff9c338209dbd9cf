using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using FhirEmr.Bench.Input;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Exports;

/// <summary><c>bench export</c>: a store is filled, exported whole, and fetched: resources a second, and the memory the server took for it.</summary>
internal static class ExportCommand
{
    private const int Known = 100;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var program = options.Required("server");
        if (!File.Exists(program))
            throw new BenchException($"--server {program}: no such file.");
        var resources = options.Number("resources", 200_000);
        var rounds = options.Number("rounds", 3);
        var output = options.Find("out");
        var settings = RunSettings.Read(options, new Uri("http://127.0.0.1/fhir"));
        options.RefuseUnknown();

        var machine = Machine.Measure(Path.GetTempPath());
        await using var stage = await Stage.SetAsync(program, settings.Engine, options.Rest, ct);
        await FillAsync(stage, settings, resources, ct);
        await stage.RestartAsync(ct); // so that its memory is the export's

        var table = new Markdown().Table("round", "resources", "exported in s", "resources/s", "NDJSON MB", "fetched MB/s", "resident MB before", "resident MB at most");
        for (var round = 1; round <= rounds; round++)
        {
            var before = ProcessUsage.MemoryMb(stage.Server.Pid)?.Now;
            var (count, seconds, bytes, fetched) = await ExportAsync(stage, ct);
            if (count < resources)
                throw new BenchException($"The export has {count} resources, and {resources} were stored at least.");
            table.Row(Markdown.Number(round), Markdown.Number(count), Markdown.Number(seconds, "0.0"), Markdown.Number(count / seconds), Markdown.Number(bytes / 1e6), Markdown.Number(bytes / 1e6 / fetched),
                Markdown.Number(before), Markdown.Number(ProcessUsage.MemoryMb(stage.Server.Pid)?.Peak));
        }

        var text = $"{MachineTable.Markdown(machine)}Input: {settings.Source.Description}, copied with fresh identities. Engine: {settings.Engine}.{Environment.NewLine}{Environment.NewLine}{table.End()}";
        Console.Out.WriteLine(text);
        if (output is not null)
            await File.WriteAllTextAsync(output, text, ct);
        return 0;
    }

    private static async Task FillAsync(Stage stage, RunSettings settings, int resources, CancellationToken ct)
    {
        using var client = new FhirClient(stage.Server.FhirBase, stage.Bearer, 8);
        var first = settings.Source.Bundles(1, Known);
        var stored = 0;
        for (var copy = 0; stored < resources; copy++)
            await Parallel.ForEachAsync(first, new ParallelOptions { MaxDegreeOfParallelism = settings.IngestConcurrency + 1, CancellationToken = ct }, async (bundle, token) =>
            {
                var answer = await client.PostAsync("", copy == 0 ? bundle.Json : FreshIdentities.Copy(bundle.Json, copy), token);
                if (!answer.IsSuccess)
                    throw new BenchException($"{bundle.Name}#{copy}: {answer}");
                Interlocked.Add(ref stored, JsonNode.Parse(bundle.Json)!["entry"]!.AsArray().Count);
            });
        Say.Line($"export: {stored:#,0} resources stored");
    }

    private static async Task<(long Count, double Seconds, long Bytes, double Fetched)> ExportAsync(Stage stage, CancellationToken ct)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = stage.Bearer is null ? null : new AuthenticationHeaderValue("Bearer", stage.Bearer);
        var start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Get, stage.Server.FhirBase + "/$export");
        request.Headers.TryAddWithoutValidation("Prefer", "respond-async");
        using var accepted = await http.SendAsync(request, ct);
        if (accepted.Content.Headers.ContentLocation is not { } status)
            throw new BenchException($"$export answered {(int)accepted.StatusCode}: {await accepted.Content.ReadAsStringAsync(ct)}");
        while (true)
        {
            using var answer = await http.GetAsync(status, ct);
            if ((int)answer.StatusCode == 202)
            {
                await Task.Delay(Poll, ct);
                continue;
            }

            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var files = JsonNode.Parse(await answer.Content.ReadAsStringAsync(ct))!["output"]!.AsArray();
            var (bytes, fetching) = (0L, Stopwatch.GetTimestamp());
            foreach (var file in files)
                bytes += await FetchAsync(http, file!["url"]!.GetValue<string>(), ct);
            return (files.Sum(f => f!["count"]!.GetValue<long>()), seconds, bytes, Stopwatch.GetElapsedTime(fetching).TotalSeconds);
        }
    }

    private static async Task<long> FetchAsync(HttpClient http, string url, CancellationToken ct)
    {
        await using var stream = await http.GetStreamAsync(url, ct);
        var (buffer, bytes) = (new byte[128 * 1024], 0L);
        for (int read; (read = await stream.ReadAsync(buffer, ct)) > 0;)
            bytes += read;
        return bytes;
    }
}
