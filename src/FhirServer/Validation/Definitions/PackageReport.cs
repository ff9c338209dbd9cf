namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>One package file: what it says it is, what was taken from it, and what is wrong with it.</summary>
/// <param name="Definitions">How many definitions were taken.</param>
/// <param name="Dependencies"><c>id#version</c> of the packages it builds on.</param>
/// <param name="Problems">Sentences; a package with problems gives what could be read.</param>
/// <param name="IsKept">The file is broken now, and its definitions are those of the last time it could be read.</param>
internal sealed record PackageReport(
    string File, string Id, string Version, int Definitions, IReadOnlyList<string> Dependencies, IReadOnlyList<string> Problems, bool IsKept = false)
{
    /// <summary>Packages that hold what these build on under another name.</summary>
    private static readonly Dictionary<string, string[]> Providers = new(StringComparer.Ordinal)
    {
        ["hl7.fhir.r4.core"] = ["hl7.fhir.r4.examples"],
        ["hl7.fhir.r4.expansions"] = ["hl7.fhir.r4.examples"],
    };

    /// <summary>Dependencies that none of the packages is, whatever its version: their definitions stay unknown.</summary>
    public static IReadOnlyList<(string Package, string Dependency)> Missing(IReadOnlyList<PackageReport> packages)
    {
        var present = packages.Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        return [.. from package in packages
                   from dependency in package.Dependencies
                   let id = dependency[..dependency.IndexOf('#', StringComparison.Ordinal)]
                   where !present.Contains(id) && !Array.Exists(Providers.GetValueOrDefault(id, []), present.Contains)
                   select ($"{package.Id}#{package.Version}", dependency)];
    }
}
