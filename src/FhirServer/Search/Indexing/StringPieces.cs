namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>How a folded text longer than a row goes on in rows of its own, for <c>:contains</c>.</summary>
/// <remarks>Each piece begins before the one before it ends, by as much as a value may be long: no occurrence falls between two.</remarks>
internal static class StringPieces
{
    /// <summary>A value up to this long stands whole in one piece.</summary>
    public const int MaxSought = Overlap - 2; // a piece may end or begin one off, so as not to cut a character

    private const int Overlap = 80;
    private const int MaxPieces = 400; // 48,000 characters: names and titles end long before, and narrative has an index of its own

    public static IEnumerable<string> Of(string folded)
    {
        const int Step = StringRow.MaxLength - Overlap;
        for (var (i, start) = (0, Step); i < MaxPieces && folded.Length > StringRow.MaxLength; i++, start += Step)
        {
            // Begin a character early rather than within one.
            var from = char.IsLowSurrogate(folded[start]) ? start - 1 : start;
            var piece = StringIndexer.Cut(folded[from..]);
            yield return piece;
            if (from + piece.Length >= folded.Length)
                yield break;
        }
    }
}
