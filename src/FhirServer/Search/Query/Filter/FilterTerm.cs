namespace FhirEmr.FhirServer.Search.Query.Filter;

/// <summary>A <c>_filter</c> expression as written (search_filter.html).</summary>
/// <param name="At">Position of its first character, from 1.</param>
internal abstract record FilterTerm(int At)
{
    public sealed record And(int At, FilterTerm Left, FilterTerm Right) : FilterTerm(At);

    public sealed record Or(int At, FilterTerm Left, FilterTerm Right) : FilterTerm(At);

    public sealed record Not(int At, FilterTerm Term) : FilterTerm(At);

    /// <summary><c>path op value</c>; without an operator the path ends in a bracket that says all.</summary>
    public sealed record Comparison(int At, IReadOnlyList<FilterStep> Path, string? Operator, string Value) : FilterTerm(At);
}

/// <summary>One name of a path: <c>subject</c>, <c>subject:Patient</c>, <c>subject[name eq "x"]</c>.</summary>
/// <param name="Type">Target type stated for a reference; null when it is not.</param>
/// <param name="Inner">What the target must satisfy besides; null when there is no bracket.</param>
internal sealed record FilterStep(int At, string Name, string? Type, FilterTerm? Inner);
