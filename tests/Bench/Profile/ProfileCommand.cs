using FhirEmr.Bench.Load;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Profile;

/// <summary><c>bench profile</c>: where the server's CPU goes while it takes bundles, single creates and reads, as tables and flame graphs.</summary>
internal static class ProfileCommand
{
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var program = options.Required("server");
        if (!File.Exists(program))
            throw new BenchException($"--server {program}: no such file.");
        var (svg, output) = (options.Find("svg"), options.Find("out"));
        var template = RunSettings.Read(options, new Uri("http://127.0.0.1/fhir"));
        options.RefuseUnknown();

        // The server inherits these: it names what it compiles, and compiles to where perf finds it.
        Environment.SetEnvironmentVariable("DOTNET_PerfMapEnabled", "3");
        Environment.SetEnvironmentVariable("DOTNET_EnableWriteXorExecute", "0");
        var machine = Machine.Measure(Path.GetTempPath());
        await using var stage = await Stage.SetAsync(program, template.Engine, options.Rest, ct);
        var folder = Directory.CreateTempSubdirectory("fhir-bench-perf-").FullName;
        try
        {
            var profiles = await new ProfileRun(template with { FhirBase = stage.Server.FhirBase, Bearer = stage.Bearer, ServerPid = stage.Server.Pid, DatabasePid = stage.Cluster?.Pid }, folder).RunAsync(ct);
            var text = $"{MachineTable.Markdown(machine)}Input: {template.Source.Description}. Engine: {template.Engine}. CPU of the server alone.{Environment.NewLine}{Environment.NewLine}{new ProfileTable(profiles)}";
            Console.Out.WriteLine(text);
            if (output is not null)
                await File.WriteAllTextAsync(output, text, ct);
            if (svg is not null)
                foreach (var profile in profiles)
                    await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(svg).FullName, $"{profile.Name}-{template.Engine.ToString().ToLowerInvariant()}.svg"),
                        new FlameGraph($"{profile.Title}, {template.Engine}", profile.Samples).ToSvg(), ct);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            File.Delete($"/tmp/perf-{stage.Server.Pid}.map");
        }
    }
}
