using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Parameters;

/// <summary>One search parameter of one resource type, as the index knows it.</summary>
/// <param name="Number">Number on disk; 0 for those without rows of their own: answered from the resource row (<c>_id</c>, <c>_lastUpdated</c>) or through other parameters.</param>
/// <param name="Type">Resource type it searches; each type has its own number for <c>code</c>, <c>status</c>, <c>_tag</c> ...</param>
/// <param name="Targets">For references: the types that may be pointed at; empty means any.</param>
internal sealed record SearchParam(
    int Number, string Type, string Code, SearchParamType Kind, string Expression, IReadOnlyList<string> Targets, string Url)
{
    /// <summary>Why a search may not use it although R4 defines it; null for all that work.</summary>
    public string? WhyUnsupported { get; init; }

    public bool IsSupported => WhyUnsupported is null;

    /// <summary>Set for parameters defined by a SearchParameter resource.</summary>
    public CustomIndex? Custom { get; init; }

    /// <summary>Whether every resource has its rows, so that the index alone answers.</summary>
    public bool IsIndexed => Custom is not { State.Stage: not IndexStage.Ready };

    /// <summary>Its rows hold values of resources contained in the one they belong to.</summary>
    public bool IsContained { get; init; }

    public override string ToString() => $"{Type}.{Code}";
}
