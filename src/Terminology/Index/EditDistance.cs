namespace FhirEmr.Terminology.Index;

/// <summary>Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.</summary>
internal static class EditDistance
{
    private const int MaxLength = 40;

    /// <summary>Smallest distance between <paramref name="typed"/> and any prefix of <paramref name="word"/>; <paramref name="limit"/> + 1 when farther.</summary>
    public static int ToPrefix(ReadOnlySpan<char> typed, ReadOnlySpan<char> word, int limit)
    {
        if (typed.Length > MaxLength || word.Length + limit < typed.Length)
            return limit + 1;

        // A prefix longer than this cannot be within the limit.
        var width = Math.Min(Math.Min(word.Length, typed.Length + limit), MaxLength + limit);
        Span<int> beforePrevious = stackalloc int[width + 1];
        Span<int> previous = stackalloc int[width + 1];
        Span<int> current = stackalloc int[width + 1];
        for (var j = 0; j <= width; j++)
            previous[j] = j;

        for (var i = 1; i <= typed.Length; i++)
        {
            current[0] = i;
            var nearest = i;
            for (var j = 1; j <= width; j++)
            {
                var cost = typed[i - 1] == word[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(previous[j] + 1, current[j - 1] + 1), previous[j - 1] + cost);
                if (i > 1 && j > 1 && typed[i - 1] == word[j - 2] && typed[i - 2] == word[j - 1])
                    best = Math.Min(best, beforePrevious[j - 2] + 1);
                current[j] = best;
                nearest = Math.Min(nearest, best);
            }

            if (nearest > limit)
                return limit + 1;

            var spare = beforePrevious;
            beforePrevious = previous;
            previous = current;
            current = spare;
        }

        var distance = limit + 1;
        for (var j = 0; j <= width; j++)
            distance = Math.Min(distance, previous[j]);
        return distance;
    }
}
