using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query.Contained;

/// <summary>Whether a resource contains one of a type that satisfies all criteria by itself.</summary>
/// <remarks>The contained resource is indexed in memory as if it stood alone, so that every criterion means what it means elsewhere.</remarks>
/// <param name="outside">Resources that stand by themselves were asked for too.</param>
internal sealed class ContainedMatch(string type, SearchExpression where, ResourceIndexer indexer, ISearchSymbols symbols, RecordedTargets targets, bool outside) : IBodyTest
{
    private readonly Context context = new(symbols, targets);

    public IEnumerable<SearchParam> Parameters => ExpressionParameters.Of(where);

    public bool Matches(FhirNode resource) => In(resource).Any();

    /// <summary>Whether the resource itself is one that was asked for.</summary>
    public bool IsItself(FhirNode resource) => outside && resource.Type.Name == type && Satisfies(resource);

    /// <summary>The contained resources that match, in document order.</summary>
    public IEnumerable<FhirNode> In(FhirNode resource)
    {
        var found = new List<FhirNode>();
        foreach (var child in resource.Children)
            if (child.NameId == ElementNames.Contained && child.HasValue && child.Type.Name == type && Satisfies(child))
                found.Add(child);
        return found;
    }

    private bool Satisfies(FhirNode resource) => RowMatcher.Matches(where, indexer.Index(resource, context, 0), resource.TextOf("id") ?? "");

    /// <summary>Reads the store's symbols and adds nothing to them.</summary>
    private sealed class Context(ISearchSymbols symbols, RecordedTargets targets) : IIndexContext
    {
        private const int UnknownSymbol = -1;

        public bool IsWriting => false;

        public long Target(string reference) => targets.Of(reference);

        public int Symbol(ReadOnlySpan<byte> text) => text.IsEmpty ? 0 : symbols.Find(Encoding.UTF8.GetString(text)) ?? UnknownSymbol;

        public long Token(ReadOnlySpan<byte> text) => symbols.Hash(text);

        public long Hash(ReadOnlySpan<byte> text) => symbols.Hash(text);

        public void Display(SearchParam[] parameters, ReadOnlySpan<byte> text, long hash, int system)
        {
        }

        public long Shape(int typeNumber, ReadOnlySpan<int> sortedParams) => 0;
    }
}
