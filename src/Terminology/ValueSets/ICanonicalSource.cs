namespace FhirEmr.Terminology.ValueSets;

/// <summary>Conformance resources by their canonical URL, from packages and from what the server stores.</summary>
public interface ICanonicalSource
{
    /// <summary>The resource as FHIR R4 JSON (UTF-8); null when there is none.</summary>
    /// <param name="resourceType">CodeSystem, ValueSet, ConceptMap, StructureDefinition, ...</param>
    /// <param name="version">Business version; null for the newest active one.</param>
    ReadOnlyMemory<byte>? Find(string resourceType, string url, string? version);

    /// <summary>Canonical URLs of all resources of a type; empty when the source cannot list them.</summary>
    IEnumerable<string> All(string resourceType) => [];

    /// <summary>Counted up whenever an answer may be another than before: what was compiled from it is then stale.</summary>
    long Generation { get; }
}
