using System.Globalization;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Growth;

/// <summary><c>bench growth</c>: the same measures at several sizes of the store, on each engine, as a table and a picture.</summary>
internal static class GrowthCommand
{
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var program = options.Required("server");
        if (!File.Exists(program))
            throw new BenchException($"--server {program}: no such file.");
        var sizes = Sizes(options.Text("sizes", "100,300,600"));
        var engines = options.Text("engines", "sqlite,postgres").Split(',').Select(Engines.Parse).ToList();
        var (svg, output) = (options.Find("svg"), options.Find("out"));
        var template = RunSettings.Read(options, new Uri("http://127.0.0.1/fhir"));
        options.RefuseUnknown();

        var points = new List<GrowthPoint>();
        var machine = Machine.Measure(Path.GetTempPath());
        foreach (var engine in engines)
            points.AddRange(await MeasureAsync(program, engine, template, sizes, options.Rest, ct));

        var text = $"{MachineTable.Markdown(machine)}Input: {template.Source.Description}.{Environment.NewLine}{Environment.NewLine}{Table(points)}";
        Console.Out.WriteLine(text);
        if (output is not null)
            await File.WriteAllTextAsync(output, text, ct);
        if (svg is not null)
            await File.WriteAllTextAsync(svg, new GrowthPlot(points).ToSvg(), ct);
        foreach (var error in points.SelectMany(p => p.Errors).Take(20))
            await Console.Error.WriteLineAsync($"wrong: {error}");
        return points.Any(p => p.Errors.Count > 0) ? 1 : 0;
    }

    private static async Task<IReadOnlyList<GrowthPoint>> MeasureAsync(
        string program, Engine engine, RunSettings template, IReadOnlyList<int> sizes, IReadOnlyList<string> more, CancellationToken ct)
    {
        await using var stage = await Stage.SetAsync(program, engine, more, ct);
        return await new GrowthRun(template with
        {
            Engine = engine,
            FhirBase = stage.Server.FhirBase,
            Bearer = stage.Bearer,
            ServerPid = stage.Server.Pid,
            DatabasePid = stage.Cluster?.Pid,
            Database = stage.Database,
        }, sizes).RunAsync(ct);
    }

    private static string Table(IReadOnlyList<GrowthPoint> points)
    {
        var text = new Markdown().Table("engine", "bundles", "resources", "ingest resources/s", "server CPU ms/resource", "patient-scoped p50 ms", "p95 ms", "over all patients p50 ms",
            "reads/s", "database ÷ JSON", "resident MB", "answers checked", "wrong");
        foreach (var p in points)
            text.Row(p.Engine.ToString(), Markdown.Number(p.Bundles), Markdown.Number(p.Resources), Markdown.Number(p.IngestPerSecond), Markdown.Number(p.ServerCpuMs, "0.000"), Markdown.Number(p.PatientP50, "0.00"),
                Markdown.Number(p.PatientP95, "0.00"), Markdown.Number(p.StoreP50, "0.00"), Markdown.Number(p.ReadsPerSecond), Markdown.Number(p.BytesPerJsonByte, "0.00"), Markdown.Number(p.ResidentMb),
                Markdown.Number(p.Checked), Markdown.Number(p.Errors.Count));
        return text.End().ToString();
    }

    private static List<int> Sizes(string text)
    {
        var sizes = text.Split(',').Select(s => int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 1 ? n : throw new BenchException($"--sizes {text}: rising numbers of bundles, as in 100,300,600.")).ToList();
        return sizes.Zip(sizes.Skip(1)).All(p => p.First < p.Second) ? sizes : throw new BenchException($"--sizes {text}: each must be larger than the one before.");
    }
}
