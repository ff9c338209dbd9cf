using System.Diagnostics;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Exports;

/// <summary><c>bench export</c>: a store is filled, exported whole, and fetched: resources a second, and the memory the server took for it.</summary>
internal static class ExportCommand
{
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
        Say.Line($"export: {(await StoreFill.RunAsync(stage, settings, resources, ct)).Stored:#,0} resources stored");
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

    private static async Task<(long Count, double Seconds, long Bytes, double Fetched)> ExportAsync(Stage stage, CancellationToken ct)
    {
        using var http = AsyncRequest.Client(stage);
        var start = Stopwatch.GetTimestamp();
        var files = (await AsyncRequest.RunAsync(http, HttpMethod.Get, stage.Server.FhirBase + "/$export", null, ct))["output"]!.AsArray();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (bytes, fetching) = (0L, Stopwatch.GetTimestamp());
        foreach (var file in files)
            bytes += await FetchAsync(http, file!["url"]!.GetValue<string>(), ct);
        return (files.Sum(f => f!["count"]!.GetValue<long>()), seconds, bytes, Stopwatch.GetElapsedTime(fetching).TotalSeconds);
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
