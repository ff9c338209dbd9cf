namespace FhirEmr.Bench.Limits;

/// <summary>How fast the bare engine takes the rows.</summary>
/// <param name="CpuPerSecond">Resources per second of CPU, client and engine together.</param>
internal sealed record InsertFigure(double PerSecond, double CpuPerSecond, double IndexRowsPerSecond, double BytesPerResource);

/// <summary>How fast bytes can be looked at, one core.</summary>
internal sealed record ParseFigure(double MicrosecondsPerResource, double MegabytesPerCpuSecond);

/// <param name="ServerCpuMicroseconds">CPU of the serving process per request.</param>
internal sealed record PointReadFigure(double PerSecond, double P50Ms, double P95Ms, double AverageBytes, double? ServerCpuMicroseconds);

/// <summary>The raw limits of one machine, the measures that a server's numbers are divided by. Null: not measured in this run.</summary>
internal sealed record LimitFigures
{
    public required double AverageBodyBytes { get; init; }

    public InsertFigure? SqliteNormal { get; init; }

    /// <summary>300 resources a transaction, WAL, synchronous=FULL: the limit line for ingest.</summary>
    public InsertFigure? Sqlite { get; init; }

    public InsertFigure? SqliteEightACommit { get; init; }

    public InsertFigure? SqliteOneACommit { get; init; }

    /// <summary>Binary COPY, heap and lookup index, 300 resources a transaction, fsync on.</summary>
    public InsertFigure? PostgresCopy { get; init; }

    public PointReadFigure? PointRead { get; init; }

    public ParseFigure? Utf8Scan { get; init; }

    public ParseFigure? DocumentParse { get; init; }
}
