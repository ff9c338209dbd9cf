using FhirEmr.Bench.Limits;

namespace FhirEmr.Bench.Report;

internal static class LimitsTable
{
    public static string Markdown(LimitFigures limits)
    {
        var table = new Markdown().Heading("Limits, measured beside the server")
            .Table($"raw inserts, 25 index rows, {Report.Markdown.Number(limits.AverageBodyBytes)} B bodies, zstd 1 + dictionary", "resources/s", "resources/CPU-s", "index rows/s", "B/resource");
        Insert(table, "SQLite, 300 a commit, synchronous=NORMAL", limits.SqliteNormal);
        Insert(table, "**SQLite, 300 a commit, synchronous=FULL** (ingest limit)", limits.Sqlite);
        Insert(table, "SQLite, 8 a commit, FULL (single-create limit)", limits.SqliteEightACommit);
        Insert(table, "SQLite, 1 a commit, FULL", limits.SqliteOneACommit);
        Insert(table, "**PostgreSQL binary COPY, lookup index, 300 a commit** (ingest limit)", limits.PostgresCopy);
        table.End();

        if (limits.PointRead is { } read)
            table.Table("point reads, concurrency 16", "requests/s", "p50 ms", "p95 ms", "body B", "server CPU µs")
                .Row("Kestrel + SQLite, prepared lookup, body to the wire", Number(read.PerSecond), Number(read.P50Ms, "0.00"), Number(read.P95Ms, "0.00"), Number(read.AverageBytes), Number(read.ServerCpuMicroseconds, "0.0"))
                .End();

        table.Table("JSON, one core", "µs/resource", "MB/CPU-s");
        Parse(table, "Utf8JsonReader, every token", limits.Utf8Scan);
        Parse(table, "JsonDocument.Parse", limits.DocumentParse);
        return table.End().ToString();
    }

    private static void Insert(Markdown table, string name, InsertFigure? figure)
    {
        if (figure is not null)
            table.Row(name, Number(figure.PerSecond), Number(figure.CpuPerSecond), Number(figure.IndexRowsPerSecond), Number(figure.BytesPerResource));
    }

    private static void Parse(Markdown table, string name, ParseFigure? figure)
    {
        if (figure is not null)
            table.Row(name, Number(figure.MicrosecondsPerResource, "0.0"), Number(figure.MegabytesPerCpuSecond));
    }

    private static string Number(double? value, string format = "#,0") => Report.Markdown.Number(value, format);
}
