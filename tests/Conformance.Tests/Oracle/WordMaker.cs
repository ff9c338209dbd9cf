namespace FhirEmr.Conformance.Tests.Oracle;

/// <summary>Makes <c>_text</c> and <c>_content</c> searches from words that are there.</summary>
internal sealed class WordMaker(OracleSearch oracle, Random random)
{
    /// <summary>A criterion for resources of the type; null when none of them has words.</summary>
    public Criterion? On(string type, string code)
    {
        Func<OracleRecord, IReadOnlyList<string[]>> look = code == "_text" ? OracleWords.Told : OracleWords.All;
        var texts = oracle.Of(type).SelectMany(look).Where(t => t.Length > 0).ToArray();
        return texts.Length == 0 ? null : Criterion(code, Term(texts, 0), look);
    }

    private static Criterion Criterion(string code, OracleWords words, Func<OracleRecord, IReadOnlyList<string[]>> look) =>
        new(code, [OracleText.Escape(words.Written)]) { Meaning = (record, _) => words.Holds(look(record)) };

    private OracleWords Term(string[][] texts, int depth) => random.Next(depth > 1 ? 3 : 7) switch
    {
        3 or 4 => new OracleWords.Both(Term(texts, depth + 1), Term(texts, depth + 1), random.Next(2) == 0 ? " " : " AND "),
        5 => new OracleWords.Either(Term(texts, depth + 1), Term(texts, depth + 1)),
        6 => new OracleWords.None(Term(texts, depth + 1)),
        _ => Phrase(texts[random.Next(texts.Length)]),
    };

    private OracleWords.Phrase Phrase(string[] words)
    {
        var at = random.Next(words.Length);
        var word = words[at];
        return random.Next(5) switch
        {
            0 when at + 1 < words.Length => new(string.Join(' ', words[at..Math.Min(words.Length, at + random.Next(2, 4))]), IsQuoted: true, Begins: false),
            1 when at + 1 < words.Length => new($"{words[at + 1]} {word}", IsQuoted: true, Begins: false), // the other way round
            2 when word.Length > 2 && char.IsLetterOrDigit(word[0]) => new(word[..random.Next(1, word.Length)], IsQuoted: false, Begins: true),
            3 when at + 1 < words.Length => new($"{word}-{words[at + 1]}", IsQuoted: false, Begins: random.Next(2) == 0), // no blank: a phrase all the same
            4 => new(word.ToUpperInvariant() is "AND" or "OR" or "NOT" ? word : word.ToUpperInvariant(), IsQuoted: false, Begins: false),
            _ => new(word, IsQuoted: false, Begins: false),
        };
    }
}
