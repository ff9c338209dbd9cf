using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Symbols for conditions of writes: what has no number yet gets one.</summary>
internal sealed class InterningSymbols(ISymbols symbols) : ISearchSymbols
{
    public long Hash(ReadOnlySpan<byte> text) => symbols.Hash(text);

    public int? Find(string text) => symbols.Intern(text);

    public IReadOnlyList<int> Where(Func<string, bool> predicate) => symbols.Where(predicate);
}
