namespace FhirEmr.FhirServer.Search.Words;

/// <summary>What a full-text search asks: words, phrases, and how they combine.</summary>
internal abstract record WordQuery
{
    /// <summary>Words that follow each other within one text; the last one may be the beginning of a word.</summary>
    public sealed record Phrase(IReadOnlyList<string> Words, bool IsPrefix) : WordQuery;

    public sealed record All(IReadOnlyList<WordQuery> Terms) : WordQuery;

    public sealed record Any(IReadOnlyList<WordQuery> Terms) : WordQuery;

    public sealed record None(WordQuery Term) : WordQuery;

    /// <param name="texts">The words of each text of a resource.</param>
    public bool Matches(IReadOnlyList<string[]> texts) => this switch
    {
        Phrase phrase => texts.Any(words => phrase.IsIn(words)),
        All all => all.Terms.All(t => t.Matches(texts)),
        Any any => any.Terms.Any(t => t.Matches(texts)),
        None none => !none.Term.Matches(texts),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

file static class PhraseMatch
{
    public static bool IsIn(this WordQuery.Phrase phrase, string[] words)
    {
        var wanted = phrase.Words;
        for (var start = 0; start + wanted.Count <= words.Length; start++)
        {
            var i = 0;
            while (i < wanted.Count && (phrase.IsPrefix && i == wanted.Count - 1
                ? words[start + i].StartsWith(wanted[i], StringComparison.Ordinal)
                : words[start + i] == wanted[i]))
                i++;
            if (i == wanted.Count)
                return true;
        }

        return false;
    }
}
