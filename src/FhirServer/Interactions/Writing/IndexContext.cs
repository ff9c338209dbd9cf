using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Turns texts into the index's small numbers for one commit, remembering what the store does not have yet.</summary>
internal sealed class IndexContext(ISymbols symbols, LocalAddress address) : IIndexContext
{
    private readonly Dictionary<ResourceKey, long> sids = [];
    private readonly Dictionary<long, string> texts = [];
    private readonly Dictionary<(int Type, long Hash), string> shapes = [];
    private readonly Dictionary<long, TokenDisplay> displays = [];

    /// <summary>Addresses that stand for a key in this request (fullUrls): index values follow them as the stored text does.</summary>
    public Links Links { get; set; } = Links.None;

    public void Know(ResourceKey key, long sid) => sids[key] = sid;

    public void AddTo(CommitPlan plan)
    {
        plan.Texts.AddRange(texts);
        plan.Displays.AddRange(displays.Values);
        plan.Shapes.AddRange(shapes.Select(s => (s.Key.Type, s.Key.Hash, s.Value)));
    }

    public long Target(string reference)
    {
        if (Links.TryGet(reference, out var linked))
            return sids.GetValueOrDefault(linked);
        if (reference.Length == 0 || reference[0] == '#')
            return 0;

        return address.TryGetKey(reference, out var key) ? sids.GetValueOrDefault(key) : ExternalTarget.Of(symbols, reference);
    }

    public long Canonical(string canonical) => ExternalTarget.Of(symbols, CanonicalForm.Of(canonical, url => Links.TryGet(url, out var key) || address.TryGetKey(url, out key) ? key : null));

    public int Symbol(ReadOnlySpan<byte> text) => text.IsEmpty ? 0 : symbols.Intern(Encoding.UTF8.GetString(text));

    public long Token(ReadOnlySpan<byte> text)
    {
        var hash = symbols.Hash(text);
        if (!symbols.IsTextStored(hash) && !texts.ContainsKey(hash))
            texts[hash] = Encoding.UTF8.GetString(text);
        return hash;
    }

    public long Hash(ReadOnlySpan<byte> text) => symbols.Hash(text);

    public void Display(SearchParam[] parameters, ReadOnlySpan<byte> text, long hash, int system)
    {
        var token = (ulong)symbols.Hash(text) ^ BitOperations.RotateLeft((ulong)hash, 23) ^ (uint)system;
        foreach (var param in parameters)
        {
            // The key mixes what the entry is made of; folding is left to texts met for the first time.
            var key = (long)(token + ((ulong)param.Number * 0x9E3779B97F4A7C15));
            if (symbols.IsDisplayStored(key) || displays.ContainsKey(key))
                continue;
            var folded = StringIndexer.Cut(StringFolding.Fold(Encoding.UTF8.GetString(text)));
            if (folded.Length > 0)
                displays[key] = new(key, param.Number, folded, hash, system);
        }
    }

    public long Shape(int typeNumber, ReadOnlySpan<int> sortedParams)
    {
        var hash = symbols.Hash(MemoryMarshal.AsBytes(sortedParams));
        if (!symbols.IsShapeStored(typeNumber, hash) && !shapes.ContainsKey((typeNumber, hash)))
            shapes[(typeNumber, hash)] = string.Join(',', sortedParams.ToArray());
        return hash;
    }
}

/// <summary>Which addresses are ours: relative ones, and absolute ones under one of our base URLs.</summary>
internal sealed class LocalAddress(IReadOnlyList<string> baseUrls)
{
    public bool TryGetKey(string reference, out ResourceKey key) => TryGetKey(reference, out key, out _);

    public bool TryGetKey(string reference, out ResourceKey key, out int version)
    {
        foreach (var baseUrl in baseUrls)
            if (reference.Length > baseUrl.Length && reference.StartsWith(baseUrl, StringComparison.Ordinal) && reference[baseUrl.Length] == '/')
                return ResourceKey.TryParseRelative(reference.AsSpan(baseUrl.Length + 1), out key, out version);

        return ResourceKey.TryParseRelative(reference, out key, out version);
    }
}
