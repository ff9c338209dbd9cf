using FhirEmr.Bench.Input;
using FhirEmr.Bench.Report;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Limits;

/// <summary><c>bench limits</c>: what this machine could do at best, without a FHIR server in the way.</summary>
internal static class LimitsCommand
{
    private static readonly TimeSpan ReadDuration = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var engine = Engines.Read(options);
        var source = InputSource.From(options);
        var folder = options.Text("folder", Path.GetTempPath());
        var json = options.Find("out");
        options.RefuseUnknown();

        var machine = Machine.Measure(folder);
        var limits = await MeasureAsync(source, engine, folder, ct);
        if (json is not null)
            ReportFile.Write(json, limits);
        Console.Out.WriteLine(MachineTable.Markdown(machine));
        Console.Out.WriteLine(LimitsTable.Markdown(limits));
        return 0;
    }

    public static async Task<LimitFigures> MeasureAsync(InputSource source, Engine engine, string folder, CancellationToken ct)
    {
        Say.Line($"limits: preparing {LimitInput.Resources} bodies and their index rows from {source.Description}");
        var input = LimitInput.Prepare(source);
        var figures = Sqlite(input, folder);
        if (engine == Engine.Postgres)
        {
            Say.Line($"limits: PostgreSQL binary COPY");
            await using var cluster = await PostgresCluster.StartAsync(ct);
            figures = figures with { PostgresCopy = await PostgresCopyLimit.MeasureAsync(input, cluster, ct) };
        }

        Say.Line($"limits: Kestrel + SQLite point reads");
        figures = figures with { PointRead = await PointReadLimit.MeasureAsync(input, folder, ReadDuration, ct) };
        Say.Line($"limits: JSON");
        return figures with { Utf8Scan = ParseLimit.Scan(input), DocumentParse = ParseLimit.Document(input) };
    }

    private static LimitFigures Sqlite(LimitInput input, string folder)
    {
        Say.Line($"limits: SQLite raw inserts");
        SqliteInsertLimit.Measure(input, folder, "NORMAL", perCommit: 300, resources: 3_000); // let the JIT settle
        var normal = SqliteInsertLimit.Measure(input, folder, "NORMAL", perCommit: 300, resources: LimitInput.Resources);
        return new LimitFigures
        {
            AverageBodyBytes = input.AverageBodyBytes,
            SqliteNormal = normal,
            Sqlite = SqliteInsertLimit.Measure(input, folder, "FULL", perCommit: 300, resources: LimitInput.Resources),
            SqliteEightACommit = SqliteInsertLimit.Measure(input, folder, "FULL", perCommit: 8, resources: 16_000),
            SqliteOneACommit = SqliteInsertLimit.Measure(input, folder, "FULL", perCommit: 1, resources: 5_000),
        };
    }
}
