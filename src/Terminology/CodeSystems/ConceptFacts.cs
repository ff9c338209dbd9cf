namespace FhirEmr.Terminology.CodeSystems;

/// <summary>One property of a concept, as <c>$lookup</c> tells it and value sets filter by it.</summary>
/// <param name="Type">The <c>value[x]</c> it is written as: code, string, boolean, integer, decimal, dateTime, Coding.</param>
/// <param name="Value">For a Coding its code.</param>
public readonly record struct ConceptProperty(string Code, string Type, string Value)
{
    /// <summary>Of a Coding: its system.</summary>
    public string? System { get; init; }

    /// <summary>What the value means, where it is a code and that is known.</summary>
    public string? Description { get; init; }
}

/// <summary>Another name of a concept.</summary>
/// <param name="Language">BCP-47; null when not said.</param>
/// <param name="UseSystem">System of <paramref name="Use"/>.</param>
/// <param name="Use">What kind of name, as a code; null when not said.</param>
public readonly record struct Designation(string? Language, string? UseSystem, string? Use, string Value);
