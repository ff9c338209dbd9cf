using System.Numerics;

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
        var scratch = Scratch.For(table.Count);
        var weights = 0f;
        for (var i = 0; i < typed.Length; i++)
        {
            var hits = MatchWord(table, index, typed[i], isLast: i == typed.Length - 1 && typed.Length > 1, scratch);
            var weight = MathF.Log(2f + ((float)table.Count / (1 + hits)));
            weights += weight;
            scratch.Close(weight);
        }

        var isEveryday = table.Mark(everyday);
        var needed = scratch.MostWords();
        foreach (var row in scratch.Rows)
        {
            if (scratch.Words[row] != needed || (row >= skip.Start && row < skip.End))
                continue;
            var coverage = Math.Min(1.0, (double)needed / Math.Max((byte)1, index.TitleLengths[row]));
            best.Offer(row, (100 * scratch.Sums[row] / weights) + (25 * coverage) + (table.IsBillable(row) ? 6 : 0) + (isEveryday[row] ? 25 : 0) - table.Columns.Codes[row].Length);
        }

        scratch.Clear();
    }

    /// <summary>Marks each row with how well its best word matches; returns how many postings matched.</summary>
    private static int MatchWord(ConceptTable table, WordIndex index, string typed, bool isLast, Scratch scratch)
    {
        var hits = 0;
        if (typed.Any(char.IsAsciiDigit))
        {
            var (from, to) = table.WithPrefix(typed.ToUpperInvariant());
            for (var row = from; row < to; row++)
                scratch.Mark(row, 1f);
            hits += to - from;
        }

        var (start, end) = index.WithPrefix(typed);
        for (var word = start; word < end; word++)
        {
            var length = index.Word(word).Length;
            if (typed.Length <= 2 && !isLast && length != typed.Length)
                continue;
            hits += Mark(index.Postings(word), length == typed.Length ? 1f : 0.6f + (0.25f * typed.Length / length), scratch);
        }

        return hits > 0 ? hits : MatchMisspelling(index, typed, scratch);
    }

    private static int MatchMisspelling(WordIndex index, string typed, Scratch scratch)
    {
        var limit = typed.Length switch { >= 8 => 2, >= 4 => 1, _ => 0 };
        var letters = WordIndex.LettersOf(typed);
        List<int> nearest = [];
        for (var word = 0; word < index.WordCount && limit > 0; word++)
        {
            // Every letter the word does not have at all is a slip of its own: most words are too far off before they are looked at.
            if (BitOperations.PopCount(letters & ~index.Letters[word]) > limit)
                continue;
            var distance = EditDistance.ToPrefix(typed, index.Word(word), limit);
            if (distance > limit)
                continue;
            if (distance < limit)
                nearest.Clear();
            limit = distance;
            nearest.Add(word);
        }

        return nearest.Sum(word =>
            Mark(index.Postings(word), 0.3f + (0.3f * Math.Min(1f, (float)typed.Length / index.Word(word).Length)), scratch));
    }

    private static int Mark(ReadOnlySpan<uint> postings, float closeness, Scratch scratch)
    {
        foreach (var posting in postings)
            scratch.Mark(WordIndex.Row(posting), closeness * (1f + (0.3f / (1 + WordIndex.Position(posting)))));
        return postings.Length;
    }

    /// <summary>Sums by row, kept for the next search of the thread: of a large table a search touches few rows, and only those are cleared.</summary>
    private sealed class Scratch
    {
        [ThreadStatic]
        private static Scratch? last;

        private readonly float[] closest;
        private readonly List<int> touched = [];

        private Scratch(int count) => (closest, Sums, Words) = (new float[count], new float[count], new byte[count]);

        public float[] Sums { get; }

        /// <summary>How many of the typed words each row has.</summary>
        public byte[] Words { get; }

        /// <summary>Rows that have any.</summary>
        public List<int> Rows { get; } = [];

        public static Scratch For(int count) => last is { } kept && kept.closest.Length >= count ? kept : last = new(count);

        public void Mark(int row, float value)
        {
            if (closest[row] == 0)
                touched.Add(row);
            if (value > closest[row])
                closest[row] = value;
        }

        /// <summary>Ends a word: what matched it best counts.</summary>
        public void Close(float weight)
        {
            foreach (var row in touched)
            {
                if (Words[row]++ == 0)
                    Rows.Add(row);
                Sums[row] += weight * closest[row];
                closest[row] = 0;
            }

            touched.Clear();
        }

        public byte MostWords()
        {
            byte most = 0;
            foreach (var row in Rows)
                most = Math.Max(most, Words[row]);
            return most;
        }

        public void Clear()
        {
            foreach (var row in Rows)
                (Sums[row], Words[row]) = (0, 0);
            Rows.Clear();
        }
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
