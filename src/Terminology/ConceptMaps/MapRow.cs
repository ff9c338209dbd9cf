namespace FhirEmr.Terminology.ConceptMaps;

/// <summary>One line of one of our ConceptMaps.</summary>
/// <param name="Map">Name of the map, e.g. <c>snomed-conditions</c>.</param>
/// <param name="Meaning">The source code in our own words.</param>
/// <param name="TargetSystem">Empty, with <paramref name="TargetCode"/>, for a source that is deliberately unmatched.</param>
/// <param name="Group">Lines of one group are alternatives, best first; each group adds a code of its own.</param>
/// <param name="Equivalence">FHIR <c>concept-map-equivalence</c>.</param>
/// <param name="Modifier">A modifier the target is reported with; may be null.</param>
public sealed record MapRow(
    string Map, string SourceSystem, string SourceCode, string Meaning, string TargetSystem, string TargetCode, int Group,
    string Equivalence, bool NeedsChoice, MappingCondition When, string? Modifier, string? Advice)
{
    /// <summary>Whether the source has no target on purpose.</summary>
    public bool IsUnmatched => Equivalence == "unmatched";
}
