using FhirEmr.FhirServer.Storage.Sqlite;

namespace FhirEmr.FhirServer.Hosting.Cli;

/// <summary>What this program runs on, and the least of each that is known to be safe (security S-96).</summary>
internal static class VersionChecks
{
    private static readonly Component[] Floors =
    [
        // Below, two connections that reset the log at once could damage it.
        new("SQLite", SqliteNative.LibraryVersion, new Version(3, 51, 3)),

        // Kestrel's chunk extensions, and request smuggling through them, were mended in the runtime's own releases.
        new(".NET", () => Environment.Version, new Version(10, 0, 0)),

        // 7.0 to 7.6 refuse the client assertions that SMART apps send.
        new("OpenIddict", () => typeof(OpenIddict.Abstractions.OpenIddictConstants).Assembly.GetName().Version!, new Version(7, 7, 0)),
    ];

    public static IReadOnlyList<VersionFinding> Run() => [.. Floors.Select(f => Judge(f.Name, f.Read(), f.Least))];

    public static VersionFinding Judge(string name, Version found, Version least) =>
        new($"{name} {found.Major}.{found.Minor}.{Math.Max(found.Build, 0)}", found < least ? $"{name} before {least} is not safe here: install a newer release of FhirEmr or of the runtime" : null);

    private sealed record Component(string Name, Func<Version> Read, Version Least);
}

/// <summary>What runs, and what is wrong with it if anything is.</summary>
internal sealed record VersionFinding(string Text, string? Fault);
