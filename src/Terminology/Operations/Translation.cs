using FhirEmr.Terminology.ConceptMaps.Fhir;

namespace FhirEmr.Terminology.Operations;

/// <summary>What <c>$translate</c> is asked: from where, to where, and what else is known.</summary>
/// <param name="Codings">Alternatives for one meaning; each is translated.</param>
public sealed record TranslationRequest(IReadOnlyList<GivenCoding> Codings)
{
    /// <summary>Canonical URL of the map; null to look through all that are known.</summary>
    public string? Map { get; init; }

    /// <summary>A ConceptMap resource (JSON) that came with the question.</summary>
    public ReadOnlyMemory<byte>? Inline { get; init; }

    public string? SourceValueSet { get; init; }

    public string? TargetValueSet { get; init; }

    public string? TargetSystem { get; init; }

    /// <summary>From targets to sources.</summary>
    public bool Reverse { get; init; }

    /// <summary>Values of other elements, that lines of a map may depend on.</summary>
    public IReadOnlyList<MapDependency> Dependencies { get; init; } = [];
}

/// <summary>What a code becomes.</summary>
/// <param name="Message">Why there is nothing, or what is to be known of what there is.</param>
public sealed record TranslationAnswer(bool Result, string? Message, IReadOnlyList<TranslationMatch> Matches);

/// <param name="Equivalence">FHIR <c>concept-map-equivalence</c>, of the target to the source.</param>
/// <param name="Source">The map it is from.</param>
public sealed record TranslationMatch(
    string Equivalence, string? System, string? Code, string? Display, IReadOnlyList<MapDependency> Products, string? Source, string? Comment);
