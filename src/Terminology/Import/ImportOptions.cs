namespace FhirEmr.Terminology.Import;

/// <summary>What the operator knows better than the file.</summary>
/// <param name="Version">Overrides the version read from the file name; for CPT the year, required when neither file nor folder name has it.</param>
/// <param name="EffectiveFrom">Overrides the first day in force.</param>
/// <param name="EffectiveTo">Overrides the last day in force.</param>
/// <param name="Notice">Licence or copyright line to keep with the content.</param>
public sealed record ImportOptions(string? Version = null, DateOnly? EffectiveFrom = null, DateOnly? EffectiveTo = null, string? Notice = null)
{
    /// <summary>Told how far the reading has come; null when nobody watches.</summary>
    public IProgress<ImportProgress>? Progress { get; init; }
}

/// <summary>How far an import has come.</summary>
/// <param name="Rows">Good rows so far.</param>
/// <param name="Share">Part of the file that has been read, 0 to 1.</param>
public readonly record struct ImportProgress(int Rows, double Share);
