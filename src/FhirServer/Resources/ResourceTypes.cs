using System.Collections.Frozen;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Resources;

/// <summary>The R4 resource types and the small numbers that stand for them on disk.</summary>
/// <remarks>R4 is closed: the ordinal-sorted list of its concrete types never changes, so position is a safe number.</remarks>
internal static class ResourceTypes
{
    private static readonly string[] Names = [.. ModelInfo.SupportedResources.Order(StringComparer.Ordinal)];
    private static readonly FrozenDictionary<string, int> Numbers =
        Names.Select((name, i) => (name, number: i + 1)).ToFrozenDictionary(p => p.name, p => p.number, StringComparer.Ordinal);

    public static readonly int Patient = Numbers["Patient"];

    public static IReadOnlyList<string> All => Names;

    public static bool Exists(string name) => Numbers.ContainsKey(name);

    /// <summary>1-based number of a type name; 0 when R4 has no such type.</summary>
    public static int NumberOf(string name) => Numbers.GetValueOrDefault(name);

    public static int NumberOf(ReadOnlySpan<char> name) =>
        Numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var number) ? number : 0;

    public static string NameOf(int number) => Names[number - 1];
}
