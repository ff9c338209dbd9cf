using System.Runtime.InteropServices;
using System.Text;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>The index's numbers for versions of the past, and back again for sorting. Nothing new is numbered durably: a read writes nothing.</summary>
internal sealed class PastContext(ISymbols symbols, LocalAddress address) : IIndexContext
{
    /// <summary>Below it are numbers for texts that the store has none for: no condition can name them.</summary>
    private const int Unnumbered = -1000;

    private readonly Dictionary<ResourceKey, long> sids = [];
    private readonly Dictionary<long, string> ids = [];
    private readonly Dictionary<long, string> tokens = [];
    private readonly Dictionary<int, string> texts = [];
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int[]> shapes = [];

    public bool IsWriting => false;

    public bool IsKnown(ResourceKey key) => sids.ContainsKey(key);

    public void Know(ResourceKey key, long sid) => (sids[key], ids[sid]) = (sid, key.Id);

    /// <summary>Id of the resource with this surrogate key; null for what is not of this server.</summary>
    public string? IdOf(long sid) => ids.GetValueOrDefault(sid);

    /// <summary>The text a token row was hashed from; null where it stands for words or typed identifiers.</summary>
    public string? TextOf(long hash) => tokens.GetValueOrDefault(hash);

    public string? SymbolOf(int number) => texts.GetValueOrDefault(number);

    /// <summary>Whether the set of parameters with this hash has the parameter.</summary>
    public bool HasInShape(long hash, int param) => shapes.TryGetValue(hash, out var set) && set.Contains(param);

    public long Target(string reference)
    {
        if (reference.Length == 0 || reference[0] == '#')
            return 0;
        return address.TryGetKey(reference, out var key) ? sids.GetValueOrDefault(key) : ExternalTarget.Of(symbols, reference);
    }

    public long Canonical(string canonical) => ExternalTarget.Of(symbols, CanonicalForm.Of(canonical, url => address.TryGetKey(url, out var key) ? key : null));

    public int Symbol(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            return 0;
        var text = Encoding.UTF8.GetString(utf8);
        if (!numbers.TryGetValue(text, out var number))
        {
            numbers[text] = number = symbols.Find(text) ?? Unnumbered - numbers.Count;
            texts[number] = text;
        }

        return number;
    }

    public long Token(ReadOnlySpan<byte> text)
    {
        var hash = symbols.Hash(text);
        if (!tokens.ContainsKey(hash))
            tokens[hash] = Encoding.UTF8.GetString(text);
        return hash;
    }

    public long Hash(ReadOnlySpan<byte> text) => symbols.Hash(text);

    public void Display(SearchParam[] parameters, ReadOnlySpan<byte> text, long hash, int system)
    {
    }

    public long Shape(int typeNumber, ReadOnlySpan<int> sortedParams)
    {
        var hash = symbols.Hash(MemoryMarshal.AsBytes(sortedParams));
        if (!shapes.ContainsKey(hash))
            shapes[hash] = sortedParams.ToArray();
        return hash;
    }
}
