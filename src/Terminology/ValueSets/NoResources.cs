namespace FhirEmr.Terminology.ValueSets;

/// <summary>No conformance resources at all: only tables and grammars answer.</summary>
internal sealed class NoResources : ICanonicalSource
{
    public static NoResources Instance { get; } = new();

    public long Generation => 0;

    public ReadOnlyMemory<byte>? Find(string resourceType, string url, string? version) => null;
}
