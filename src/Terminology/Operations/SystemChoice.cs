using FhirEmr.Terminology.CodeSystems;
using FhirEmr.Terminology.CodeSystems.Editions;
using FhirEmr.Terminology.ValueSets;

namespace FhirEmr.Terminology.Operations;

/// <summary>The version of a code system that answers a question, with what has to be said about the choice.</summary>
internal readonly record struct SystemChoice(KnownSystem? System, string? Warning, string? Fault)
{
    /// <summary>
    /// The edition in force on the day or the version asked for; outside every loaded range the nearest edition, with a warning, for a day is
    /// not wrong because a release is missing here.
    /// </summary>
    public static SystemChoice Of(SystemCatalog catalog, string url, string? version, DateOnly on)
    {
        var found = catalog.Find(url, version, on);
        if (found is not null && !(version is null && found is TableSystem { Content: ContentMode.Fragment } && catalog.Editions.Nearest(found.Url, on) is { Content: ContentMode.Complete }))
            return found is CodeSystemContent { Content: ContentMode.NotPresent } ? new(null, null, SystemCatalog.WhyUnknown(url)) : new(found, null, null);
        var editions = catalog.Editions.EditionsOf(CodeSystemUrls.Canonical(url));
        if (version is not null)
        {
            var known = editions.Select(TableSystem.VersionOf).Distinct().ToArray();
            return new(null, null, known.Length > 0 ? $"Version {version} of {url} is not loaded here; there are {string.Join(", ", known)}."
                : catalog.Find(url, null, on) is { } other ? $"Version {version} of {url} is not here; there is {other.Version ?? "one without version"}."
                : SystemCatalog.WhyUnknown(url));
        }

        return catalog.Editions.Nearest(CodeSystemUrls.Canonical(url), on) is { } nearest
            ? new(nearest, $"No edition of {nearest.Title ?? url} loaded here covers {on:O}; the nearest one answers: {nearest.Main.Id}, {Range(nearest)}.", null)
            : new(null, null, SystemCatalog.WhyUnknown(url));
    }

    private static string Range(TableSystem system) => system.Main.EffectiveTo is { } last ? $"in force from {system.Main.EffectiveFrom:O} until {last:O}" : $"in force from {system.Main.EffectiveFrom:O}";
}
