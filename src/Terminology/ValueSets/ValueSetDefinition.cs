using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.ValueSets;

/// <summary>A ValueSet as it was written: what is taken in, what is left out, and the expansion that came with it.</summary>
/// <param name="Expansion">Null when the resource brings none, or only a page of one.</param>
internal sealed record ValueSetDefinition(
    string? Url, string? Version, string? Name, string? Title, string? Status, string? Copyright, DateOnly? LockedDate, bool WithInactive,
    IReadOnlyList<ValueSetPart> Includes, IReadOnlyList<ValueSetPart> Excludes, IReadOnlyList<ListedCode>? Expansion)
{
    public bool HasCompose => Includes.Count > 0;
}

/// <summary>One include or exclude (valueset.html#compositions).</summary>
internal sealed record ValueSetPart(
    string? System, string? Version, IReadOnlyList<ListedCode> Concepts, IReadOnlyList<ValueSetFilter> Filters, IReadOnlyList<string> ValueSets);

/// <summary>One filter: a property, an operator (valueset-filter-operator) and what it is compared with.</summary>
internal sealed record ValueSetFilter(string Property, string Op, string Value);

/// <summary>A code that a value set lists by name.</summary>
internal sealed record ListedCode(string System, string? Version, string Code, string? Display, bool IsAbstract, bool? IsInactive, IReadOnlyList<Designation> Designations);
