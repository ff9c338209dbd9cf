using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>What a stored resource refers to through a parameter, read from its body by the same extraction that indexes it.</summary>
internal sealed class ReferenceReader(ResourceIndexer indexer, SearchParameters parameters) : IReferencedTargets
{
    public IEnumerable<ReferencedTarget> Of(StoredResource resource, Include include)
    {
        var tree = FhirJsonReader.Read(resource.Json, out _)
            ?? throw new InvalidDataException($"The stored body of {resource.Key} cannot be read; run the doctor.");
        var (names, plan) = (new Names(), indexer.PlanFor(resource.Key.Type));
        foreach (var row in indexer.Index(tree.Root, names, 0).References)
            if (row.Target > 0 && (include.Param is null ? row.Param != plan.References.Number : row.Param == include.Param.Number))
                yield return names.Of(row.Target) with { Types = TypesOf(include.Param ?? Array.Find(plan.Params, p => p.Number == row.Param)) };
    }

    public bool MayBeCanonical(SearchParam param) => indexer.PlanFor(param.Type).ElementTypes(param) is var types && (types.Contains("canonical") || types.Contains("uri"));

    public SearchParam? UrlOf(string type) => CanonicalTypes.All.Contains(type) && parameters.Find(type, "url") is { Kind: SearchParamType.Uri, IsSupported: true } url ? url : null;

    private static string[] TypesOf(SearchParam? param) => [.. param is null or { Targets.Count: 0 } ? CanonicalTypes.All : param.Targets.Where(CanonicalTypes.All.Contains)];

    /// <summary>Numbers references in order of appearance, so that rows can be led back to what they stand for.</summary>
    private sealed class Names : IIndexContext
    {
        private readonly List<ReferencedTarget> targets = [];

        public bool IsWriting => false;

        public ReferencedTarget Of(long target) => targets[(int)target - 1];

        public long Target(string reference) => ResourceKey.TryParseRelative(reference, out var key, out _) ? Add(new(key, null, null, [])) : 0;

        public long Canonical(string canonical)
        {
            var bar = canonical.IndexOf('|', StringComparison.Ordinal);
            if (bar < 0)
                return 0; // the row of the URL alone: the other one says which version, too
            var (url, version) = (canonical[..bar], bar + 1 < canonical.Length ? canonical[(bar + 1)..] : null);
            return Add(ResourceKey.TryParseRelative(url, out var key, out _) ? new(key, null, version, []) : new(null, url, version, []));
        }

        public int Symbol(ReadOnlySpan<byte> text) => 0;

        public long Token(ReadOnlySpan<byte> text) => 0;

        public long Hash(ReadOnlySpan<byte> text) => 0;

        public void Display(SearchParam[] parameters, ReadOnlySpan<byte> text, long hash, int system)
        {
        }

        public long Shape(int typeNumber, ReadOnlySpan<int> sortedParams) => 0;

        private int Add(ReferencedTarget target)
        {
            targets.Add(target);
            return targets.Count;
        }
    }
}
