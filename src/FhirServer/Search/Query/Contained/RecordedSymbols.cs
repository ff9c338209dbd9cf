using System.Collections;
using System.Collections.Concurrent;

namespace FhirEmr.FhirServer.Search.Query.Contained;

/// <summary>The store's numbers of units and systems, and numbers of this search's own for those that no row holds.</summary>
/// <remarks>
/// What a contained resource says has rows only when a reference leads to it. Its unit may be one that nothing else was ever measured in, and is to be found all the same:
/// so criteria and contained resources are compared in one set of numbers, and the search gives the store none.
/// </remarks>
internal sealed class RecordedSymbols(ISearchSymbols stored) : ISearchSymbols
{
    private const int None = -1;
    private readonly ConcurrentDictionary<string, int> own = new(StringComparer.Ordinal);
    private int last = None;

    public int? Find(string text) => own.TryGetValue(text, out var number) ? number : stored.Find(text) ?? own.GetOrAdd(text, _ => Interlocked.Decrement(ref last));

    /// <summary>Those that satisfy the predicate now, or when they turn up in a contained resource.</summary>
    public IReadOnlyList<int> Where(Func<string, bool> predicate) => new Live(this, stored.Where(predicate), predicate);

    public long Hash(ReadOnlySpan<byte> text) => stored.Hash(text);

    /// <summary>Never empty: it may fill while bodies are read. Until then it holds what is no symbol's number.</summary>
    private sealed class Live(RecordedSymbols symbols, IReadOnlyList<int> known, Func<string, bool> predicate) : IReadOnlyList<int>, ICollection<int>
    {
        private readonly HashSet<int> numbers = [.. known];

        public int Count => Now().Count;

        public bool IsReadOnly => true;

        public int this[int index] => Now()[index];

        public bool Contains(int item) => numbers.Contains(item) || (item < None && symbols.own.Any(symbol => symbol.Value == item && predicate(symbol.Key)));

        public IEnumerator<int> GetEnumerator() => Now().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void CopyTo(int[] array, int arrayIndex) => Now().CopyTo(array, arrayIndex);

        public void Add(int item) => throw new NotSupportedException();

        public void Clear() => throw new NotSupportedException();

        public bool Remove(int item) => throw new NotSupportedException();

        private List<int> Now()
        {
            List<int> now = [.. known, .. symbols.own.Where(symbol => predicate(symbol.Key)).Select(symbol => symbol.Value)];
            return now.Count > 0 ? now : [None];
        }
    }
}
