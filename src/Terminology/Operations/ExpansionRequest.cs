using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.Operations;

/// <summary>What <c>$expand</c> is asked for, beside the value set itself.</summary>
/// <param name="On">The day whose editions count.</param>
public sealed record ExpansionRequest(DateOnly On)
{
    /// <summary>Words or the beginning of a code; null for everything.</summary>
    public string? Filter { get; init; }

    public int Offset { get; init; }

    /// <summary>Null for all; 0 asks for the total only.</summary>
    public int? Count { get; init; }

    public bool ActiveOnly { get; init; }

    /// <summary>Without concepts that only group others.</summary>
    public bool ExcludeNotForUi { get; init; }

    /// <summary>Concepts below each other, where the system has them so.</summary>
    public bool Nested { get; init; }

    public bool IncludeDesignations { get; init; }

    /// <summary>Languages (de) or uses (system|code) of the designations wanted; empty for all.</summary>
    public IReadOnlyList<string> Designations { get; init; } = [];

    /// <summary>The language displays are wanted in; null for the system's own.</summary>
    public string? DisplayLanguage { get; init; }

    /// <summary><c>system-version</c>: for systems the value set names without version.</summary>
    public IReadOnlyDictionary<string, string> SystemVersions { get; init; } = new Dictionary<string, string>();

    /// <summary><c>force-system-version</c>: whatever the value set names.</summary>
    public IReadOnlyDictionary<string, string> ForcedVersions { get; init; } = new Dictionary<string, string>();
}

/// <summary>An expansion, or a page of one.</summary>
/// <param name="Total">Null when only the best hits of a filter were looked for.</param>
/// <param name="Copyrights">Of the value set and of every system codes came from.</param>
/// <param name="Systems">Systems and the versions that answered, as <c>url|version</c>.</param>
public sealed record Expansion(
    ValueSetHead Head, int? Total, IReadOnlyList<ExpandedCode> Contains, IReadOnlyList<string> Copyrights, IReadOnlyList<string> Systems, IReadOnlyList<string> Warnings);

/// <summary>What a value set says of itself.</summary>
public sealed record ValueSetHead(string? Url, string? Version, string? Name, string? Title, string? Status, string? Copyright);

/// <summary>One code of an expansion, with those below it when they were asked for nested.</summary>
public sealed record ExpandedCode(string System, string? Version, string Code, string? Display, bool IsAbstract, bool IsInactive, IReadOnlyList<Designation> Designations)
{
    public IReadOnlyList<ExpandedCode> Contains { get; init; } = [];
}
