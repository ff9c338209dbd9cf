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
            await using var cluster = engine == Engine.Postgres ? await PostgresCluster.StartAsync(ct) : null;
            var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
            string[] arguments = [.. Storage(cluster, data), .. options.Rest];
            var run = await MeasureAsync(program, arguments, template with
            {
                DatabasePid = cluster?.Pid,
                Database = cluster?.ConnectionString ?? data,
            }, ct);
            return new RunReport(machine, limits, run).Publish(output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] Storage(PostgresCluster? cluster, string data) => cluster is null
        ? ["--Storage:Provider=sqlite", $"--Storage:DataFolder={data}"]
        : ["--Storage:Provider=postgres", $"--Storage:ConnectionString={cluster.ConnectionString}", $"--Storage:DataFolder={data}"];

    private static async Task<RunFigures> MeasureAsync(string program, string[] arguments, RunSettings settings, CancellationToken ct)
    {
        Say.Line($"all: starting the server on an empty store");
        RunFigures run;
        await using (var server = await SpawnedServer.StartAsync(program, arguments, ct))
        {
            run = await new ServerRun(settings with { FhirBase = server.FhirBase, ServerPid = server.Pid }).RunAsync(ct);
            run = run with { FirstStartToReadySeconds = server.StartToReady.TotalSeconds };
        }

        Say.Line($"all: starting it again on its data");
        await using var again = await SpawnedServer.StartAsync(program, arguments, ct);
        return run with { StartToReadySeconds = again.StartToReady.TotalSeconds };
    }
}
