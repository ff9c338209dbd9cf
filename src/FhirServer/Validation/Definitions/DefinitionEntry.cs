namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>A definition that can be asked for: where its bytes are is the index of <see cref="Place"/>.</summary>
internal readonly record struct DefinitionEntry(string Type, string Url, string Version, bool IsActive, int Package, int Place);

/// <summary>Order of business versions: numbers as numbers (1.10 after 1.9), dates before all others, none before dates.</summary>
internal static class DefinitionVersions
{
    public static int Compare(string x, string y)
    {
        var kinds = Kind(x).CompareTo(Kind(y));
        return kinds != 0 ? kinds : string.CompareOrdinal(Padded(x), Padded(y));
    }

    /// <summary>Whether a definition of this version is meant by the version asked for; a shorter one names a line of versions (canonical|3.1).</summary>
    public static bool Fits(string version, string asked) => version == asked || version.StartsWith(asked + ".", StringComparison.Ordinal);

    private static int Kind(string version) => version.Length == 0 ? 0
        : version.Length >= 5 && version[4] == '-' && int.TryParse(version.AsSpan(0, 4), out _) ? 1
        : 2;

    private static string Padded(string version) =>
        string.Join('.', version.Split('.', '-').Select(p => p.Length < 12 && p.All(char.IsAsciiDigit) ? p.PadLeft(12, '0') : p));
}
