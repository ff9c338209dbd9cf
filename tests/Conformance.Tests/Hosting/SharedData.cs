namespace FhirEmr.Conformance.Tests.Hosting;

/// <summary>Public records that lie beside the repository, in <c>shared/data</c>, and are not part of it.</summary>
internal static class SharedData
{
    public const string WhyNot = "The Synthea records are not here: shared/data/synthea, beside the repository.";

    /// <summary>Synthea bundles, in order of name; empty when they are not here.</summary>
    public static IReadOnlyList<string> Synthea { get; } = Find() is { } folder && Directory.Exists(Path.Combine(folder, "synthea"))
        ? [.. Directory.EnumerateFiles(Path.Combine(folder, "synthea"), "*.json").Order(StringComparer.Ordinal)]
        : [];

    /// <summary>A FHIR package by its file name; null when it is not here.</summary>
    public static string? Package(string file) => Find() is { } folder && Path.Combine(folder, "fhir-packages", file) is var path && File.Exists(path) ? path : null;

    private static string? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "FhirEmr.sln")))
                return at.Parent is { } beside ? Path.Combine(beside.FullName, "shared", "data") : null;
        return null;
    }
}
