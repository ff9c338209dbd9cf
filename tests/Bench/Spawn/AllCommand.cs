using FhirEmr.Bench.Limits;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;

namespace FhirEmr.Bench.Spawn;

/// <summary><c>bench all</c>: limits, then the server started by us on a fresh store, measured, restarted on its data, and stopped.</summary>
internal static class AllCommand
{
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var program = options.Required("server");
        if (!File.Exists(program))
            throw new BenchException($"--server {program}: no such file.");
        var output = options.Find("out");
        var given = options.Find("limits");
        var template = RunSettings.Read(options, new Uri("http://127.0.0.1/fhir"));
        var engine = template.Engine;
        options.RefuseUnknown();

        var folder = Directory.CreateTempSubdirectory("fhir-bench-").FullName;
        try
        {
            var machine = Machine.Measure(folder);
            var limits = given is null ? await LimitsCommand.MeasureAsync(template.Source, engine, folder, ct) : ReportFile.Read<LimitFigures>(given);
            var run = await MeasureAsync(program, template, options.Rest, ct);
            return new RunReport(machine, limits, run).Publish(output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<RunFigures> MeasureAsync(string program, RunSettings template, IReadOnlyList<string> more, CancellationToken ct)
    {
        Say.Line($"all: starting the server on an empty store");
        await using var stage = await Stage.SetAsync(program, template.Engine, more, ct);
        var first = stage.Server.StartToReady;
        var run = await new ServerRun(template with
        {
            FhirBase = stage.Server.FhirBase,
            Bearer = stage.Bearer,
            ServerPid = stage.Server.Pid,
            DatabasePid = stage.Cluster?.Pid,
            Database = stage.Database,
        }).RunAsync(ct);

        Say.Line($"all: starting it again on its data");
        await stage.RestartAsync(ct);
        return run with { FirstStartToReadySeconds = first.TotalSeconds, StartToReadySeconds = stage.Server.StartToReady.TotalSeconds };
    }
}
