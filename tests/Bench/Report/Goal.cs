using FhirEmr.Bench.Limits;
using FhirEmr.Bench.Load;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Report;

/// <summary>One line of what we hold ourselves to.</summary>
/// <param name="Reached">Null: not measured in this run.</param>
internal sealed record Goal(string Measure, double Must, double Aim, double? Reached, bool MoreIsBetter, string Format, string Unit = "")
{
    public string Verdict => Reached switch
    {
        null => "not measured",
        { } value when Meets(value, Aim) => "aim",
        { } value when Meets(value, Must) => "must",
        _ => "missed",
    };

    public static IReadOnlyList<Goal> Of(RunFigures run, LimitFigures? limits)
    {
        var sqlite = run.Engine == Engine.Sqlite;
        return
        [
            sqlite
                ? new("bundle ingest, SQLite ÷ raw-insert limit", 0.50, 0.75, run.Warm.PerSecond / limits?.Sqlite?.PerSecond, true, "0.00")
                : new("bundle ingest, PostgreSQL ÷ COPY limit", 0.45, 0.65, run.Warm.PerSecond / limits?.PostgresCopy?.PerSecond, true, "0.00"),
            new("server CPU per resource ingested", 0.30, 0.18, run.Warm.ServerCpuMs, false, "0.000", " ms"),
            new("single creates at concurrency 8 ÷ 8-a-commit limit (SQLite)", 0.50, 0.75, sqlite ? run.Crud.CreatesPerSecond / limits?.SqliteEightACommit?.PerSecond : null, true, "0.00"),
            new("read by id at concurrency 16 ÷ (Kestrel + SQLite point read)", 0.70, 1.0, run.Reads.PerSecond / limits?.PointRead?.PerSecond, true, "0.00"),
            new("patient-scoped search p50, as the client sees it", 2, 1, run.Searches.PatientScoped.P50, false, "0.00", " ms"),
            new("patient-scoped search p50, growth from warm-up to all bundles", 1.3, 1.1, run.SearchGrowth, false, "0.00", "×"),
            new("database bytes ÷ minified JSON", 1.0, 0.65, run.DatabaseBytes / (double)run.MinifiedBytes, false, "0.00"),
            new("resident memory after ingest", 350, 250, run.ResidentMb, false, "0", " MB"),
            new("start to ready on existing data", 2, 0.7, run.StartToReadySeconds, false, "0.00", " s"),
            new("errors and wrong totals", 0, 0, run.ErrorCount, false, "0"),
        ];
    }

    private bool Meets(double value, double goal) => MoreIsBetter ? value >= goal : value <= goal;
}
