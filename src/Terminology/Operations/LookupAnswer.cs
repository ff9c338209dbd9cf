using FhirEmr.Terminology.CodeSystems;

namespace FhirEmr.Terminology.Operations;

/// <summary>What <c>$lookup</c> knows of a code.</summary>
/// <param name="Name">What people call the system.</param>
/// <param name="Edition">The release that answered; null when it was a resource.</param>
/// <param name="Copyright">Licence or copyright line to show with the answer.</param>
/// <param name="Warning">About the choice of the version; null when there is nothing to say.</param>
public sealed record LookupAnswer(
    string Name, string System, string? Version, string Code, string? Display, string? Definition, bool IsAbstract, bool IsInactive,
    IReadOnlyList<ConceptProperty> Properties, IReadOnlyList<CodeAndDisplay> Parents, IReadOnlyList<CodeAndDisplay> Children,
    IReadOnlyList<Designation> Designations, DateOnly? ValidFrom, DateOnly? ValidTo, string? Edition, string? Copyright, string? Warning);

/// <summary>A code and what it is called.</summary>
public readonly record struct CodeAndDisplay(string Code, string? Display);

/// <summary>Why a question about codes has no answer.</summary>
/// <param name="Code">FHIR <c>issue-type</c>: not-found, invalid, not-supported, too-costly, value.</param>
public sealed record Refusal(string Code, string Text);

/// <summary>Whether a code, and what is said of it, is valid.</summary>
/// <param name="Result">Null when it cannot be told, as of a fragment that lacks the code.</param>
/// <param name="Message">Why not, or a hint when it is.</param>
/// <param name="IsDisplayWrong">The code is valid, the name given for it is not.</param>
public sealed record CodeVerdict(bool? Result, string? Message, string? System, string? Version, string? Code, string? Display)
{
    public bool IsDisplayWrong { get; init; }
}

/// <summary>A code that has the properties looked for.</summary>
/// <param name="Unmatched">Properties it does not have; empty for an exact match.</param>
public sealed record ConceptMatch(string System, string? Version, string Code, string? Display, IReadOnlyList<ConceptProperty> Unmatched);
