namespace FhirEmr.Terminology.ConceptMaps.Fhir;

/// <summary>A ConceptMap resource, ready to be asked in both directions.</summary>
internal sealed class MapDefinition
{
    private readonly ILookup<string, MapLine> bySource;
    private readonly ILookup<string, MapLine> byTarget;

    public MapDefinition(string? url, string? source, string? target, IReadOnlyList<MapLine> lines, IReadOnlyList<UnmappedRule> unmapped)
    {
        (Url, Source, Target, Lines, Unmapped) = (url, source, target, lines, unmapped);
        bySource = lines.ToLookup(l => l.SourceCode, StringComparer.Ordinal);
        byTarget = lines.Where(l => l.TargetCode is not null).ToLookup(l => l.TargetCode!, StringComparer.Ordinal);
    }

    public string? Url { get; }

    /// <summary>The value set its sources are from, when it says.</summary>
    public string? Source { get; }

    public string? Target { get; }

    public IReadOnlyList<MapLine> Lines { get; }

    /// <summary>What is done with codes no line names (ConceptMap.group.unmapped).</summary>
    public IReadOnlyList<UnmappedRule> Unmapped { get; }

    public IEnumerable<MapLine> From(string? system, string code) => bySource[code].Where(l => system is null || l.SourceSystem is null || l.SourceSystem == system);

    public IEnumerable<MapLine> To(string? system, string code) => byTarget[code].Where(l => system is null || l.TargetSystem is null || l.TargetSystem == system);
}

/// <summary>One source and one target; a source that is deliberately without one has a line without target.</summary>
internal sealed record MapLine(
    string? SourceSystem, string SourceCode, string? SourceDisplay, string? TargetSystem, string? TargetCode, string? TargetDisplay,
    string Equivalence, string? Comment, IReadOnlyList<MapDependency> DependsOn, IReadOnlyList<MapDependency> Products);

/// <summary>Another element that a line needs (dependsOn) or gives as well (product).</summary>
public readonly record struct MapDependency(string Property, string? System, string Value, string? Display);

/// <param name="Mode">provided: the code itself; fixed: always the same one; other-map: ask that one.</param>
internal sealed record UnmappedRule(string? SourceSystem, string? TargetSystem, string Mode, string? Code, string? Display, string? Url);
