using System.Buffers;

namespace FhirEmr.Terminology.Index;

/// <summary>Ranked search in one table: code prefix, or words that must all match (best partial match when none does).</summary>
/// <remarks>
/// Order: the exact code; codes it begins; then titles by how closely and how early the words match, how little else the
/// title says, everyday codes first, billable before header, short codes before long ones. A word that matches nothing is tried as a misspelling, nearest distance only.
/// </remarks>
internal static class ConceptSearch
{
    private const int MaxWords = 12;

    /// <param name="table">Where to look.</param>
    /// <param name="text">As typed.</param>
    /// <param name="codePrefix">The same as a code in matching form.</param>
    /// <param name="asOf">Rows not valid on this day are left out.</param>
    /// <param name="limit">At most so many hits.</param>
    /// <param name="everyday">Codes in matching form that a practice uses all the time; they go before their rare neighbours.</param>
    /// <param name="isWanted">Rows that may be answered, as of a value set; null for all.</param>
    public static List<(int Row, double Score)> Run(
        ConceptTable table, string text, string codePrefix, DateOnly asOf, int limit, IReadOnlyCollection<string> everyday, Func<int, bool>? isWanted = null)
    {
        var best = new BestRows(table, asOf, limit, isWanted);
        var typed = Synonyms.Expand(Words.Of(text)).Take(MaxWords).ToArray();
        if (limit <= 0 || typed.Length == 0)
            return [];

        var isOneCode = !text.Trim().Contains(' ', StringComparison.Ordinal);
        var (start, end) = isOneCode && codePrefix.Length > 0 ? table.WithPrefix(codePrefix) : (0, 0);
        for (var row = start; row < end; row++)
        {
            var extra = table.Columns.Codes[row].Length - codePrefix.Length;
            best.Offer(row, (extra == 0 ? 2000 : 1000) + (table.IsBillable(row) ? 50 : 0) - extra);
        }

        // One or two letters name codes; as words they would be half the table.
        if (typed.Any(w => w.Length > 2))
            ByWords(table, typed, best, skip: (start, end), everyday);
        return best.Ordered();
    }

    private static void ByWords(ConceptTable table, string[] typed, BestRows best, (int Start, int End) skip, IReadOnlyCollection<string> everyday)
    {
        var index = table.Words;
        var sums = ArrayPool<float>.Shared.Rent(table.Count);
        var closest = ArrayPool<float>.Shared.Rent(table.Count);
        var counts = ArrayPool<byte>.Shared.Rent(table.Count);
        Array.Clear(sums, 0, table.Count);
        Array.Clear(counts, 0, table.Count);
        var weights = 0f;
        for (var i = 0; i < typed.Length; i++)
        {
            Array.Clear(closest, 0, table.Count);
            var hits = MatchWord(table, index, typed[i], isLast: i == typed.Length - 1 && typed.Length > 1, closest);
            var weight = MathF.Log(2f + ((float)table.Count / (1 + hits)));
            weights += weight;
            if (hits == 0)
                continue;
            for (var row = 0; row < table.Count; row++)
            {
                if (closest[row] <= 0)
                    continue;
                sums[row] += weight * closest[row];
                counts[row]++;
            }
        }

        var isEveryday = table.Mark(everyday);
        var needed = counts.AsSpan(0, table.Count).IndexOf((byte)typed.Length) >= 0 ? typed.Length : Max(counts.AsSpan(0, table.Count));
        for (var row = 0; needed > 0 && row < table.Count; row++)
        {
            if (counts[row] != needed || (row >= skip.Start && row < skip.End))
                continue;
            var coverage = Math.Min(1.0, (double)needed / Math.Max((byte)1, index.TitleLengths[row]));
            best.Offer(row, (100 * sums[row] / weights) + (25 * coverage) + (table.IsBillable(row) ? 6 : 0) + (isEveryday[row] ? 25 : 0) - table.Columns.Codes[row].Length);
        }

        ArrayPool<float>.Shared.Return(sums);
        ArrayPool<float>.Shared.Return(closest);
        ArrayPool<byte>.Shared.Return(counts);
    }

    /// <summary>Marks each row with how well its best word matches; returns how many postings matched.</summary>
    private static int MatchWord(ConceptTable table, WordIndex index, string typed, bool isLast, float[] closest)
    {
        var hits = 0;
        if (typed.Any(char.IsAsciiDigit))
        {
            var (from, to) = table.WithPrefix(typed.ToUpperInvariant());
            closest.AsSpan(from, to - from).Fill(1f);
            hits += to - from;
        }

        var (start, end) = index.WithPrefix(typed);
        for (var word = start; word < end; word++)
        {
            var length = index.Word(word).Length;
            if (typed.Length <= 2 && !isLast && length != typed.Length)
                continue;
            hits += Mark(index.Postings(word), length == typed.Length ? 1f : 0.6f + (0.25f * typed.Length / length), closest);
        }

        return hits > 0 ? hits : MatchMisspelling(index, typed, closest);
    }

    private static int MatchMisspelling(WordIndex index, string typed, float[] closest)
    {
        var limit = typed.Length switch { >= 8 => 2, >= 4 => 1, _ => 0 };
        List<int> nearest = [];
        for (var word = 0; word < index.WordCount && limit > 0; word++)
        {
            var distance = EditDistance.ToPrefix(typed, index.Word(word), limit);
            if (distance > limit)
                continue;
            if (distance < limit)
                nearest.Clear();
            limit = distance;
            nearest.Add(word);
        }

        return nearest.Sum(word =>
            Mark(index.Postings(word), 0.3f + (0.3f * Math.Min(1f, (float)typed.Length / index.Word(word).Length)), closest));
    }

    private static int Mark(ReadOnlySpan<uint> postings, float closeness, float[] closest)
    {
        foreach (var posting in postings)
        {
            var row = WordIndex.Row(posting);
            var value = closeness * (1f + (0.3f / (1 + WordIndex.Position(posting))));
            if (value > closest[row])
                closest[row] = value;
        }

        return postings.Length;
    }

    private static byte Max(ReadOnlySpan<byte> counts)
    {
        byte max = 0;
        foreach (var count in counts)
            max = Math.Max(max, count);
        return max;
    }

    /// <summary>The best rows so far: a heap no larger than the answer.</summary>
    private sealed class BestRows(ConceptTable table, DateOnly asOf, int limit, Func<int, bool>? isWanted)
    {
        // The worst is on top; of equal scores the later code is the worse one.
        private readonly PriorityQueue<int, (double Score, int Row)> heap = new();

        public void Offer(int row, double score)
        {
            if (heap.Count == limit && heap.TryPeek(out _, out var worst) && (score, -row).CompareTo(worst) <= 0)
                return;
            if (!table.IsValidOn(row, asOf) || isWanted?.Invoke(row) == false)
                return;
            heap.Enqueue(row, (score, -row));
            if (heap.Count > limit)
                heap.Dequeue();
        }

        public List<(int Row, double Score)> Ordered() =>
            [.. heap.UnorderedItems.OrderByDescending(h => h.Priority).Select(h => (h.Element, h.Priority.Score))];
    }
}
