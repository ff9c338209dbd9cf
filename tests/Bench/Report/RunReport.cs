using FhirEmr.Bench.Limits;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Report;

/// <summary>A run as it is published: goals first, then every number behind them.</summary>
internal sealed record RunReport(Machine Machine, LimitFigures? Limits, RunFigures Run)
{
    private const int MostErrors = 20;

    /// <summary>Prints markdown; writes markdown (<c>.md</c>) or JSON (anything else) when a file is named.</summary>
    /// <returns>The exit code: 1 when there were errors or wrong totals.</returns>
    public int Publish(string? path)
    {
        var text = ToMarkdown();
        Console.Out.WriteLine(text);
        if (path is not null && path.EndsWith(".md", StringComparison.Ordinal))
            File.WriteAllText(path, text);
        else if (path is not null)
            ReportFile.Write(path, this);
        foreach (var error in Run.ErrorTexts.Take(MostErrors))
            Console.Error.WriteLine($"wrong: {error}");
        return Run.ErrorCount == 0 ? 0 : 1;
    }

    public string ToMarkdown()
    {
        var text = new Markdown().Heading("Goals").Table("measure", "must", "aim", "reached", "verdict");
        foreach (var goal in Goal.Of(Run, Limits))
            text.Row(goal.Measure, Number(goal.Must, goal.Format) + goal.Unit, Number(goal.Aim, goal.Format) + goal.Unit,
                goal.Reached is null ? "–" : Number(goal.Reached, goal.Format) + goal.Unit, goal.Verdict);
        text.End();
        Ingest(text);
        Requests(text);
        Searches(text);
        Footprint(text);
        return $"{MachineTable.Markdown(Machine)}Input: {Run.Input}.{Environment.NewLine}{Environment.NewLine}{text}{(Limits is null ? "" : LimitsTable.Markdown(Limits))}";
    }

    private void Ingest(Markdown text)
    {
        text.Heading("Ingest through transaction bundles")
            .Table("", "bundles", "resources", "resources/s", "bundle p50 ms", "bundle p95 ms", "resources/server CPU-s", "server CPU ms/resource", "database CPU ms/resource", "client CPU ms/resource", "errors");
        foreach (var (name, figures) in ((string, IngestFigures)[])[("cold", Run.Cold), ("warm", Run.Warm)])
            text.Row(name, Number(figures.Bundles), Number(figures.Resources), Number(figures.PerSecond), Number(figures.Bundle.P50), Number(figures.Bundle.P95), Number(1000 / figures.ServerCpuMs),
                Number(figures.ServerCpuMs, "0.000"), Number(figures.DatabaseCpuMs, "0.000"), Number(figures.ClientCpuMs, "0.000"), Number(figures.Errors.Count));
        text.End();
        if ((Run.Engine == Engine.Sqlite ? Limits?.Sqlite : Limits?.PostgresCopy) is { } limit && Run.Warm.EngineCpuMs is { } cpu)
            text.Line($"By CPU, which other work on the machine disturbs less, warm ingest reaches {Number(1000 / cpu / limit.CpuPerSecond, "0.00")} of the limit "
                + $"({Number(1000 / cpu)} against {Number(limit.CpuPerSecond)} resources per CPU-second, database processes included).");
    }

    private void Requests(Markdown text)
    {
        var crud = Run.Crud;
        text.Heading("Single requests").Table("", "requests/s", "p50 ms", "p95 ms", "server CPU ms")
            .Row("creates, concurrency 8", Number(crud.CreatesPerSecond), Number(crud.Creates.P50, "0.00"), Number(crud.Creates.P95, "0.00"), Number(crud.CreateCpuMs, "0.000"))
            .Row("create/read/update/delete mix, concurrency 8", Number(crud.MixPerSecond), "", "", "");
        foreach (var (name, latency) in crud.Operations)
            text.Row($"… {name}", "", Number(latency.P50, "0.00"), Number(latency.P95, "0.00"), "");
        text.Row($"read by id, concurrency 16, {Number(Run.Reads.AverageBytes)} B", Number(Run.Reads.PerSecond), Number(Run.Reads.Latency.P50, "0.00"),
            Number(Run.Reads.Latency.P95, "0.00"), Number(Run.Reads.ServerCpuMicroseconds / 1000, "0.000"))
            .Row("creates, concurrency 4, alone", "", Number(Run.BesideBundles.Alone.P50, "0.00"), Number(Run.BesideBundles.Alone.P95, "0.00"), "")
            .Row($"… beside transactions of {Number(Run.BesideBundles.BundleEntries)} entries ({Run.BesideBundles.Bundles} of them, p50 {Number(Run.BesideBundles.BundleP50)} ms)", "",
                Number(Run.BesideBundles.Beside.P50, "0.00"), Number(Run.BesideBundles.Beside.P95, "0.00"), "").End();
    }

    private void Searches(Markdown text)
    {
        text.Heading($"Searches, one at a time; {Run.Searches.Checked + Run.EarlySearches.Checked} answers checked, {Run.Searches.WrongTotals.Count + Run.EarlySearches.WrongTotals.Count} wrong")
            .Table("shape", "p50 ms", "p95 ms", "matches on average");
        foreach (var shape in Run.Searches.Shapes)
            text.Row($"`{shape.Name}`{(shape.IsPatientScoped ? " (patient)" : "")}", Number(shape.Latency.P50, "0.00"), Number(shape.Latency.P95, "0.00"), Number(shape.AverageMatches, "#,0.#"));
        text.Row("all", Number(Run.Searches.All.P50, "0.00"), Number(Run.Searches.All.P95, "0.00"), $"geometric mean of p50: {Number(Run.Searches.GeometricMeanP50, "0.00")} ms")
            .Row("patient-scoped", Number(Run.Searches.PatientScoped.P50, "0.00"), Number(Run.Searches.PatientScoped.P95, "0.00"), "")
            .Row("patient-scoped, after the warm-up bundles", Number(Run.EarlySearches.PatientScoped.P50, "0.00"), Number(Run.EarlySearches.PatientScoped.P95, "0.00"), "").End();
    }

    private void Footprint(Markdown text) => text.Heading("Footprint").Table("", "")
        .Row("minified JSON", $"{Number(Run.MinifiedBytes / 1e6, "0.0")} MB")
        .Row("database after ingest", $"{Number(Run.DatabaseBytes / 1e6, "0.0")} MB")
        .Row("empty database", $"{Number(Run.EmptyDatabaseBytes / 1e6, "0.0")} MB")
        .Row("server resident memory after ingest", $"{Number(Run.ResidentMb)} MB")
        .Row("server memory peak", $"{Number(Run.PeakMb)} MB")
        .Row("first start to ready, empty folder", $"{Number(Run.FirstStartToReadySeconds, "0.00")} s")
        .Row("start to ready on this data", $"{Number(Run.StartToReadySeconds, "0.00")} s").End();

    private static string Number(double? value, string format = "#,0") => Markdown.Number(value, format);
}
