using FhirEmr.Bench.Limits;
using FhirEmr.Bench.Report;

namespace FhirEmr.Bench.Load;

/// <summary><c>bench run</c>: measures a server that is already running.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var settings = RunSettings.Read(options, new Uri(options.Text("base", "http://127.0.0.1:8080/fhir")));
        var limits = options.Find("limits") is { } file ? ReportFile.Read<LimitFigures>(file) : null;
        var output = options.Find("out");
        options.RefuseUnknown();

        var machine = Machine.Measure(Path.GetTempPath());
        var run = await new ServerRun(settings).RunAsync(ct);
        return new RunReport(machine, limits, run).Publish(output);
    }
}
