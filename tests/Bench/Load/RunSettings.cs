using FhirEmr.Bench.Input;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Load;

/// <summary>What <c>bench run</c> was asked to do.</summary>
/// <param name="ServerPid">Process whose CPU and memory are the server's.</param>
/// <param name="DatabasePid">Process (with its children) whose CPU is the database's.</param>
/// <param name="Database">File, folder or PostgreSQL connection string to take the size of.</param>
internal sealed record RunSettings(Uri FhirBase, InputSource Source, int? ServerPid, int? DatabasePid, string? Database)
{
    /// <summary>The database behind the server: it decides which limit ingest is held against.</summary>
    public Engine Engine { get; init; }

    public string? Bearer { get; init; }

    public int Copies { get; init; }

    public int MostBundles { get; init; }

    public int WarmUpBundles { get; init; }

    public int IngestConcurrency { get; init; }

    public TimeSpan PhaseDuration { get; init; }

    public int CasesPerShape { get; init; }

    public int SearchRounds { get; init; }

    public static RunSettings Read(BenchOptions options, Uri fhirBase) =>
        new(fhirBase, InputSource.From(options), options.OptionalNumber("server-pid"), options.OptionalNumber("db-pid"), options.Find("database"))
        {
            Engine = Engines.Read(options),
            Bearer = options.Find("token-file") is { } file ? File.ReadAllText(file).Trim() : null,
            Copies = options.Number("copies", 1),
            MostBundles = options.Number("bundles", int.MaxValue),
            WarmUpBundles = options.Number("warmup-bundles", 50),
            IngestConcurrency = options.Number("concurrency", 2),
            PhaseDuration = TimeSpan.FromSeconds(options.Number("seconds", 10)),
            CasesPerShape = options.Number("cases", 12),
            SearchRounds = options.Number("rounds", 5),
        };
}
