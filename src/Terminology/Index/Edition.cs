namespace FhirEmr.Terminology.Index;

/// <summary>One release of one code system as loaded here.</summary>
/// <param name="Id">What findings quote, e.g. <c>icd10cm-2022</c>.</param>
/// <param name="System">Canonical URL.</param>
/// <param name="Part">Which of the files that make up a release: <c>codes</c>, or for CPT <c>long</c>, <c>medium</c>, <c>short</c>, <c>modifiers</c>.</param>
/// <param name="Version">The publisher's version, e.g. <c>2022</c> or <c>2025-10</c>.</param>
/// <param name="Content">What absence from it proves something about.</param>
/// <param name="IsComplete">False for our demo fragments: presence proves, absence does not.</param>
/// <param name="EffectiveFrom">First day in force.</param>
/// <param name="EffectiveTo">Last day in force; null: until a later edition takes over.</param>
/// <param name="Sha256">Of the source file, lower-case hex.</param>
/// <param name="SourceFile">File name without its folder.</param>
/// <param name="Notice">Licence or copyright line to show with the content; may be null.</param>
public sealed record Edition(
    string Id, string System, string Part, string Version, EditionContent Content, bool IsComplete, DateOnly EffectiveFrom,
    DateOnly? EffectiveTo, string Sha256, int RowCount, int BillableCount, DateTimeOffset LoadedAt, string SourceFile, string? Notice)
{
    /// <summary>Whether the day lies in the effective range.</summary>
    public bool Covers(DateOnly day) => EffectiveFrom <= day && (EffectiveTo is not { } last || day <= last);
}

/// <summary>What an edition lists.</summary>
[Flags]
public enum EditionContent
{
    None = 0,
    Codes = 1,
    Modifiers = 2,
}
