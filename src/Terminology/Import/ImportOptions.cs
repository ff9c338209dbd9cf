namespace FhirEmr.Terminology.Import;

/// <summary>What the file name does not say, or says wrongly.</summary>
/// <param name="Version">Overrides the version read from the file name; for CPT the year, required when neither file nor folder name has it.</param>
/// <param name="EffectiveFrom">Overrides the first day in force.</param>
/// <param name="EffectiveTo">Overrides the last day in force.</param>
/// <param name="Notice">Licence or copyright line to keep with the content.</param>
public sealed record ImportOptions(string? Version = null, DateOnly? EffectiveFrom = null, DateOnly? EffectiveTo = null, string? Notice = null);
