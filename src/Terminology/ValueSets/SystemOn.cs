using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.CodeSystems.Editions;

namespace FhirEmr.Terminology.ValueSets;

/// <summary>A code system as a value set names it: found once when it is always the same, by the day when it has dated editions.</summary>
internal sealed class SystemOn
{
    private readonly SystemCatalog catalog;
    private readonly string? version;
    private readonly KnownSystem? always;

    public SystemOn(SystemCatalog catalog, string url, string? version)
    {
        this.catalog = catalog;
        this.version = version;
        Url = url;
        IsDated = version is null && catalog.Editions.Has(CodeSystemUrls.Canonical(url));
        always = IsDated ? null : catalog.FindOrAny(url, version, DateOnly.MaxValue);
        IsDated |= always is TableSystem;
    }

    public string Url { get; }

    public bool IsDated { get; }

    /// <summary>Whether anything here has its codes.</summary>
    public bool IsKnown => IsDated || always is not null;

    /// <summary>The form in which codes of this system are compared; null when as they are.</summary>
    public Func<string, string>? Key => IsDated ? CodeForm.Matching : always is CodeSystemContent { IsCaseSensitive: false } content ? content.Key : null;

    /// <summary>Null when nothing here knows the system on that day.</summary>
    public KnownSystem? At(CodeOn code) =>
        always is not null && (code.SystemVersion is null || version is not null) ? always : catalog.FindOrAny(Url, version ?? code.SystemVersion, code.Day);
}
