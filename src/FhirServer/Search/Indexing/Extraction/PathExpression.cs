namespace FhirEmr.FhirServer.Search.Indexing.Extraction;

/// <summary>One branch of a search parameter's union: where it starts, and the steps from there.</summary>
/// <param name="Root">Type name the branch begins with; null when it begins with an element of whatever resource it is asked of.</param>
/// <param name="IsPresenceFlag">The branch reads <c>X.exists() and X != false</c>: a boolean, true or false, never empty.</param>
internal sealed record PathBranch(string? Root, IReadOnlyList<PathStep> Steps, bool IsPresenceFlag = false);

/// <summary>A step of a path in the FHIRPath subset that search parameters use.</summary>
internal abstract record PathStep
{
    private PathStep()
    {
    }

    /// <summary><c>.name</c></summary>
    public sealed record Child(string Name) : PathStep;

    /// <summary><c>[0]</c> or <c>.first()</c></summary>
    public sealed record First : PathStep;

    /// <summary><c>as T</c>, <c>.as(T)</c>, <c>.ofType(T)</c></summary>
    public sealed record OfType(string Name) : PathStep;

    /// <summary><c>.where(name = 'text')</c></summary>
    public sealed record Where(string Name, string Text) : PathStep;

    /// <summary><c>.where(resolve() is T)</c></summary>
    public sealed record WhereResolves(string Type) : PathStep;
}
