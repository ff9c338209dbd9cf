using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Growth;

/// <summary><c>bench large</c>: a store of millions, for plans and paging depth.</summary>
internal static class LargeCommand
{
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var program = options.Required("server");
        if (!File.Exists(program))
            throw new BenchException($"--server {program}: no such file.");
        var resources = options.Number("resources", 5_000_000);
        var output = options.Find("out");
        var template = RunSettings.Read(options, new Uri("http://127.0.0.1/fhir"));
        options.RefuseUnknown();

        var machine = Machine.Measure(Path.GetTempPath());
        await using var stage = await Stage.SetAsync(program, template.Engine, options.Rest, ct);
        var figures = await new LargeRun(template with
        {
            FhirBase = stage.Server.FhirBase,
            Bearer = stage.Bearer,
            ServerPid = stage.Server.Pid,
            DatabasePid = stage.Cluster?.Pid,
            Database = stage.Database,
        }, resources).RunAsync(ct);

        var text = $"{MachineTable.Markdown(machine)}Input: {template.Source.Description}, copied with fresh identities. Engine: {template.Engine}.{Environment.NewLine}{Environment.NewLine}{Tables(figures)}";
        Console.Out.WriteLine(text);
        if (output is not null)
            await File.WriteAllTextAsync(output, text, ct);
        foreach (var error in figures.Errors.Concat(figures.Late.WrongTotals).Take(20))
            await Console.Error.WriteLineAsync($"wrong: {error}");
        return figures.Errors.Count == 0 && figures.Late.WrongTotals.Count == 0 ? 0 : 1;
    }

    private static string Tables(LargeFigures f)
    {
        var text = new Markdown().Table("resources", "loaded in s", "resources/s, copying them included", "database GB", "resident MB", "reads/s", "errors")
            .Row(Markdown.Number(f.Resources), Markdown.Number(f.Seconds), Markdown.Number(f.Resources / f.Seconds), Markdown.Number(f.DatabaseBytes / 1e9, "0.0"), Markdown.Number(f.ResidentMb),
                Markdown.Number(f.ReadsPerSecond), Markdown.Number(f.Errors.Count)).End()
            .Table("shape", "p50 ms, first bundles", "p50 ms, full store", "p95 ms, full store");
        foreach (var late in f.Late.Shapes)
            text.Row($"`{late.Name}`{(late.IsPatientScoped ? " (patient)" : "")}", Markdown.Number(f.Early.Shapes.FirstOrDefault(e => e.Name == late.Name)?.Latency.P50, "0.00"),
                Markdown.Number(late.Latency.P50, "0.00"), Markdown.Number(late.Latency.P95, "0.00"));
        text.Row("patient-scoped", Markdown.Number(f.Early.PatientScoped.P50, "0.00"), Markdown.Number(f.Late.PatientScoped.P50, "0.00"), Markdown.Number(f.Late.PatientScoped.P95, "0.00")).End()
            .Table("paging", "page", "ms a page there");
        foreach (var (name, page, ms) in f.Depth)
            text.Row($"`{name}`", Markdown.Number(page), Markdown.Number(ms, "0.0"));
        return text.End().ToString();
    }
}
