using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Imports;

/// <summary><c>bench import</c>: a store is filled with transactions, exported, and the files are imported into an empty one: resources a second of both ways in, and the memory of the import.</summary>
internal static class ImportCommand
{
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var program = options.Required("server");
        if (!File.Exists(program))
            throw new BenchException($"--server {program}: no such file.");
        var resources = options.Number("resources", 100_000);
        var rounds = options.Number("rounds", 2);
        var output = options.Find("out");
        var settings = RunSettings.Read(options, new Uri("http://127.0.0.1/fhir"));
        options.RefuseUnknown();

        var machine = Machine.Measure(Path.GetTempPath());
        var folder = Directory.CreateTempSubdirectory("fhir-bench-import-").FullName;
        try
        {
            var (ingest, count) = await PrepareAsync(program, settings, options.Rest, resources, folder, ct);
            var table = new Markdown().Table("round", "resources", "imported in s", "resources/s", "transactions, resources/s", "resident MB before", "resident MB at most");
            for (var round = 1; round <= rounds; round++)
            {
                await using var stage = await Stage.SetAsync(program, settings.Engine, [.. options.Rest, "--Import:Folder=" + folder], ct);
                var before = ProcessUsage.MemoryMb(stage.Server.Pid)?.Now;
                var (stored, seconds) = await ImportAsync(stage, folder, ct);
                if (stored != count)
                    throw new BenchException($"{count} resources were exported, and {stored} were imported.");
                table.Row(Markdown.Number(round), Markdown.Number(count), Markdown.Number(seconds, "0.0"), Markdown.Number(count / seconds), Markdown.Number(ingest),
                    Markdown.Number(before), Markdown.Number(ProcessUsage.MemoryMb(stage.Server.Pid)?.Peak));
            }

            var text = $"{MachineTable.Markdown(machine)}Input: {settings.Source.Description}, copied with fresh identities. Engine: {settings.Engine}.{Environment.NewLine}{Environment.NewLine}{table.End()}";
            Console.Out.WriteLine(text);
            if (output is not null)
                await File.WriteAllTextAsync(output, text, ct);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Fills a store, tells how fast that was, and leaves its export in the folder.</summary>
    private static async Task<(double PerSecond, long Exported)> PrepareAsync(string program, RunSettings settings, IReadOnlyList<string> more, int resources, string folder, CancellationToken ct)
    {
        await using var stage = await Stage.SetAsync(program, settings.Engine, more, ct);
        var (stored, perSecond) = await StoreFill.RunAsync(stage, settings, resources, ct);
        Say.Line($"import: {stored:#,0} resources stored by transactions, {perSecond:#,0}/s");

        using var http = AsyncRequest.Client(stage);
        var manifest = await AsyncRequest.RunAsync(http, HttpMethod.Get, stage.Server.FhirBase + "/$export", null, ct);
        foreach (var (i, file) in manifest["output"]!.AsArray().Index())
        {
            await using var from = await http.GetStreamAsync(file!["url"]!.GetValue<string>(), ct);
            await using var to = File.Create(Path.Combine(folder, $"{file["type"]}-{i}.ndjson"));
            await from.CopyToAsync(to, ct);
        }

        return (perSecond, manifest["output"]!.AsArray().Sum(f => f!["count"]!.GetValue<long>()));
    }

    private static async Task<(long Stored, double Seconds)> ImportAsync(Stage stage, string folder, CancellationToken ct)
    {
        using var http = AsyncRequest.Client(stage);
        var files = new JsonArray([.. Directory.EnumerateFiles(folder).Select(f => new JsonObject { ["url"] = "file:" + Path.GetFileName(f) })]);
        var start = Stopwatch.GetTimestamp();
        var manifest = new JsonObject { ["input"] = files, ["versions"] = "keep" }.ToJsonString();
        var done = await AsyncRequest.RunAsync(http, HttpMethod.Post, stage.Server.FhirBase + "/$import", new StringContent(manifest, Encoding.UTF8, "application/json"), ct);
        return (done["output"]!.AsArray().Sum(f => f!["count"]!.GetValue<long>() - f["refused"]!.GetValue<long>()), Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
