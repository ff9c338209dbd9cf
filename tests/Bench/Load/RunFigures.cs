using FhirEmr.Bench.Searches;
using FhirEmr.Bench.Spawn;

namespace FhirEmr.Bench.Load;

/// <summary>Everything one run measured of a server.</summary>
internal sealed record RunFigures
{
    public required string Input { get; init; }

    public required Engine Engine { get; init; }

    public required IngestFigures Cold { get; init; }

    public required IngestFigures Warm { get; init; }

    public required long MinifiedBytes { get; init; }

    /// <summary>After ingest, before the single writes; null when nobody said where it is.</summary>
    public long? DatabaseBytes { get; init; }

    /// <summary>What an empty store took before the first bundle.</summary>
    public long? EmptyDatabaseBytes { get; init; }

    /// <summary>After ingest, in MB.</summary>
    public double? ResidentMb { get; init; }

    public double? PeakMb { get; init; }

    public required CrudFigures Crud { get; init; }

    public required ReadFigures Reads { get; init; }

    public required BesideBundlesFigures BesideBundles { get; init; }

    /// <summary>The patient-scoped shapes after the warm-up bundles alone.</summary>
    public required SearchFigures EarlySearches { get; init; }

    public required SearchFigures Searches { get; init; }

    /// <summary>Seconds from process start to <c>/health/ready</c> on the data of this run; only when the bench started the server.</summary>
    public double? StartToReadySeconds { get; init; }

    /// <summary>The same on an empty folder.</summary>
    public double? FirstStartToReadySeconds { get; init; }

    public double SearchGrowth => Searches.PatientScoped.P50 / Math.Max(0.001, EarlySearches.PatientScoped.P50);

    public int ErrorCount => Cold.Errors.Count + Warm.Errors.Count + Crud.Errors.Count + BesideBundles.Errors.Count + Reads.Errors + Searches.WrongTotals.Count + EarlySearches.WrongTotals.Count;

    public IEnumerable<string> ErrorTexts =>
        Cold.Errors.Concat(Warm.Errors).Concat(Crud.Errors).Concat(BesideBundles.Errors).Concat(EarlySearches.WrongTotals).Concat(Searches.WrongTotals);
}
