using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query.Unindexed;

/// <summary>Numbers for texts and references that one search makes up for itself, the same for its criteria and for the bodies it tests.</summary>
/// <remarks>
/// The store numbers only what some row holds; the values of a parameter without rows may have no number there yet, and a search must not
/// give them any. So this search compares in numbers of its own, and asks the database nothing.
/// </remarks>
internal sealed class PrivateIndex(ISearchSymbols hashes, Func<string, ResourceKey?>? localKey) : ISearchSymbols, IReferenceLookup, IIndexContext
{
    private readonly ConcurrentDictionary<string, int> symbols = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> targets = new(StringComparer.Ordinal);
    private int lastSymbol;
    private long lastTarget;

    public bool IsWriting => false;

    public int? Find(string text) => symbols.GetOrAdd(text, _ => Interlocked.Increment(ref lastSymbol));

    /// <summary>Those that satisfy the predicate now or when they turn up later.</summary>
    public IReadOnlyList<int> Where(Func<string, bool> predicate) => new Live(this, predicate);

    public long Hash(ReadOnlySpan<byte> text) => hashes.Hash(text);

    public ValueTask<IReadOnlyList<long>> TargetsAsync(string? type, string idOrUrl, CancellationToken ct)
    {
        if (idOrUrl.Contains(':', StringComparison.Ordinal))
            return new([Number(idOrUrl)]);
        return new(type is null ? [.. ResourceTypes.All.Select(t => Number($"{t}/{idOrUrl}"))] : [Number($"{type}/{idOrUrl}")]);
    }

    public long Target(string reference)
    {
        if (reference.Length == 0 || reference[0] == '#' || reference.StartsWith("urn:", StringComparison.Ordinal))
            return 0;
        var key = localKey is not null ? localKey(reference) : ResourceKey.TryParseRelative(reference, out var relative, out _) ? relative : null;
        return Number(key is { } local ? local.ToString() : reference);
    }

    public long Canonical(string canonical) =>
        Number(localKey is null ? CanonicalForm.Of(canonical) : CanonicalForm.Of(canonical, localKey));

    public int Symbol(ReadOnlySpan<byte> text) => text.IsEmpty ? 0 : Find(Encoding.UTF8.GetString(text))!.Value;

    public long Token(ReadOnlySpan<byte> text) => hashes.Hash(text);

    public long Shape(int typeNumber, ReadOnlySpan<int> sortedParams) => 0;

    /// <remarks>A search by text is refused while there are no rows.</remarks>
    public void Display(SearchParam[] parameters, ReadOnlySpan<byte> text, long hash, int system)
    {
    }

    public ValueTask<IReadOnlyList<long>?> ClosureAsync(SearchParam partOf, IReadOnlyList<long> sids, bool above, CancellationToken ct) =>
        throw new UnreachableException("Hierarchies are followed in the index only.");

    private long Number(string address) => targets.GetOrAdd(address, _ => Interlocked.Increment(ref lastTarget));

    /// <summary>Never empty as far as its count goes: it may fill while bodies are read.</summary>
    private sealed class Live(PrivateIndex index, Func<string, bool> predicate) : IReadOnlyList<int>, ICollection<int>
    {
        private readonly ConcurrentDictionary<int, bool> known = new();

        public int Count => 1;

        public bool IsReadOnly => true;

        public int this[int at] => throw new NotSupportedException("The symbols are not known beforehand.");

        public bool Contains(int item) => known.GetOrAdd(item, number => index.symbols.Any(s => s.Value == number && predicate(s.Key)));

        public IEnumerator<int> GetEnumerator() => index.symbols.Where(s => predicate(s.Key)).Select(s => s.Value).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void CopyTo(int[] array, int arrayIndex)
        {
            foreach (var number in this)
                array[arrayIndex++] = number;
        }

        public void Add(int item) => throw new NotSupportedException();

        public void Clear() => throw new NotSupportedException();

        public bool Remove(int item) => throw new NotSupportedException();
    }
}
