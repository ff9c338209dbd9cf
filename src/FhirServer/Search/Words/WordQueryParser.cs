namespace FhirEmr.FhirServer.Search.Words;

/// <summary>Reads the value of <c>_text</c> and <c>_content</c>: words that must all occur, "phrases", prefix*, AND, OR, NOT and parentheses.</summary>
/// <remarks>search.html#content leaves the grammar to the server. AND binds closer than OR; the operators are written in capitals.</remarks>
internal sealed class WordQueryParser
{
    public const string Expected = "Give words, \"a phrase\" or begin*; combine them with AND, OR, NOT and parentheses.";

    private const int MaxTerms = 50, MaxDepth = 16;

    private readonly List<string> tokens;
    private int at;
    private int terms;

    private WordQueryParser(List<string> tokens) => this.tokens = tokens;

    private string? Peek => at < tokens.Count ? tokens[at] : null;

    /// <summary>Null when the text does not read.</summary>
    public static WordQuery? Parse(string text)
    {
        if (Tokens(text) is not { Count: > 0 } tokens)
            return null;
        var parser = new WordQueryParser(tokens);
        var query = parser.Any(0);
        return parser.at == tokens.Count ? query : null;
    }

    private WordQuery? Any(int depth)
    {
        var any = new List<WordQuery>();
        do
        {
            if (All(depth) is not { } all)
                return null;
            any.Add(all);
        }
        while (Take("OR"));

        return any is [var one] ? one : new WordQuery.Any(any);
    }

    private WordQuery? All(int depth)
    {
        var all = new List<WordQuery>();
        do
        {
            if (One(depth) is not { } one)
                return null;
            all.Add(one);
        }
        while (Take("AND") || Peek is not (null or ")" or "OR"));

        return all is [var only] ? only : new WordQuery.All(all);
    }

    private WordQuery? One(int depth)
    {
        if (depth > MaxDepth)
            return null;
        if (Take("NOT"))
            return One(depth + 1) is { } term ? new WordQuery.None(term) : null;
        if (Take("("))
            return Any(depth + 1) is { } inner && Take(")") ? inner : null;
        if (Peek is null or ")" or "AND" or "OR" || ++terms > MaxTerms)
            return null;

        var token = tokens[at++];
        var isPrefix = token is [.., '*'] && token[0] != '"';
        var words = ResourceWords.Split(token);
        return words.Length == 0 ? null : new WordQuery.Phrase(words, isPrefix);
    }

    private bool Take(string token)
    {
        if (Peek != token)
            return false;
        at++;
        return true;
    }

    private static List<string>? Tokens(string text)
    {
        var tokens = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
            }
            else if (text[i] is '(' or ')')
            {
                tokens.Add(text[i++].ToString());
            }
            else if (text[i] == '"')
            {
                var end = text.IndexOf('"', i + 1);
                if (end < 0)
                    return null;
                tokens.Add(text[i..(end + 1)]);
                i = end + 1;
            }
            else
            {
                var start = i;
                while (i < text.Length && !char.IsWhiteSpace(text[i]) && text[i] is not ('(' or ')' or '"'))
                    i++;
                tokens.Add(text[start..i]);
            }
        }

        return tokens;
    }
}
