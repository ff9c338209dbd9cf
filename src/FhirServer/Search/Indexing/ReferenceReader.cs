using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>The local resources a stored resource refers to through a parameter, read from its body by the same extraction that indexes it.</summary>
internal sealed class ReferenceReader(ResourceIndexer indexer)
{
    public IEnumerable<ResourceKey> Read(StoredResource resource, Include include)
    {
        var tree = FhirJsonReader.Read(resource.Json, out _)
            ?? throw new InvalidDataException($"The stored body of {resource.Key} cannot be read; run the doctor.");
        var names = new Names();
        return indexer.Index(tree.Root, names, 0).References
            .Where(r => include.Param is null ? r.Param != indexer.PlanFor(resource.Key.Type).References.Number : r.Param == include.Param.Number)
            .Select(r => names.KeyOf(r.Target))
            .OfType<ResourceKey>()
            .Distinct();
    }

    /// <summary>Numbers references in order of appearance, so that rows can be led back to what they stand for.</summary>
    private sealed class Names : IIndexContext
    {
        private readonly List<ResourceKey> keys = [];

        public bool IsWriting => false;

        public ResourceKey? KeyOf(long target) => target > 0 ? keys[(int)target - 1] : null;

        public long Target(string reference)
        {
            if (!ResourceKey.TryParseRelative(reference, out var key, out _))
                return 0;
            keys.Add(key);
            return keys.Count;
        }

        public int Symbol(ReadOnlySpan<byte> text) => 0;

        public long Token(ReadOnlySpan<byte> text) => 0;

        public long Hash(ReadOnlySpan<byte> text) => 0;

        public void Display(SearchParam[] parameters, ReadOnlySpan<byte> text, long hash, int system)
        {
        }

        public long Shape(int typeNumber, ReadOnlySpan<int> sortedParams) => 0;
    }
}
