using System.Collections.Frozen;
using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.ConceptMaps;

/// <summary>The targets of our maps, taken as what a practice codes every day until it has a history of its own to rank by.</summary>
internal static class EverydayCodes
{
    private static readonly Lazy<FrozenDictionary<string, string[]>> BySystem = new(() => ConceptMapLibrary.All
        .Where(r => !r.IsUnmatched).GroupBy(r => r.TargetSystem)
        .ToFrozenDictionary(g => g.Key, g => g.Select(r => CodeForm.Matching(r.TargetCode)).Distinct().ToArray()));

    /// <summary>Codes in matching form; empty for systems no map leads to.</summary>
    public static IReadOnlyCollection<string> Of(string system) => BySystem.Value.TryGetValue(system, out var codes) ? codes : [];
}
