using System.Text.Json;

namespace FhirEmr.FhirServer.Search.Query.Filter;

/// <summary>Reads the text of a <c>_filter</c>: the grammar of search_filter.html, with the place of whatever does not fit.</summary>
/// <remarks>
/// <c>and</c> and <c>or</c> bind alike and are taken from left to right, as the specification has it; parentheses say otherwise.
/// </remarks>
internal sealed class FilterReader
{
    public const string Operators = "eq, ne, co, sw, ew, gt, lt, ge, le, ap, sa, eb, pr, po, ss, sb, in, ni, re";

    private const int MaxLength = 8_000;
    private const int MaxDepth = 8;
    private const int MaxTerms = 50;

    private readonly string text;
    private int at;
    private int depth;
    private int terms;

    private FilterReader(string text) => this.text = text;

    /// <summary>The expression, or (null) a sentence that says what is wrong and where.</summary>
    public static (FilterTerm? Term, string? Fault) Read(string text)
    {
        if (text.Length > MaxLength)
            return (null, $"A filter has {MaxLength} characters at most.");
        var reader = new FilterReader(text);
        try
        {
            var term = reader.Expression();
            reader.Blanks();
            return reader.at == text.Length ? (term, null) : (null, reader.Fault("and, or, or the end of the filter was expected").Message);
        }
        catch (FilterSyntaxException e)
        {
            return (null, e.Message);
        }
    }

    private FilterTerm Expression()
    {
        if (++depth > MaxDepth)
            throw Fault($"parentheses and brackets are nested more than {MaxDepth} deep");
        var left = Single();
        while (true)
        {
            Blanks();
            if (Word("and"))
                left = new FilterTerm.And(left.At, left, Single());
            else if (Word("or"))
                left = new FilterTerm.Or(left.At, left, Single());
            else
                break;
        }

        depth--;
        return left;
    }

    private FilterTerm Single()
    {
        Blanks();
        var start = at;
        if (Next('('))
            return Closed(')');
        if (Word("not"))
        {
            Blanks();
            if (!Next('('))
                throw Fault("'(' was expected after not, as in not (status eq final)");
            return new FilterTerm.Not(start + 1, Closed(')'));
        }

        return Comparison();
    }

    private FilterTerm Closed(char end)
    {
        var inner = Expression();
        Blanks();
        return Next(end) ? inner : throw Fault($"'{end}' was expected");
    }

    private FilterTerm.Comparison Comparison()
    {
        if (++terms > MaxTerms)
            throw Fault($"a filter has {MaxTerms} comparisons at most");
        var start = at;
        var path = new List<FilterStep> { Step() };
        while (Next('.'))
            path.Add(Step());

        var end = at;
        Blanks();
        var from = at;
        while (at < text.Length && char.IsAsciiLetter(text[at]))
            at++;
        var word = text[from..at];
        if (path[^1].Inner is not null && word is "" or "and" or "or")
        {
            at = end;
            return new(start + 1, path, null, "");
        }

        if (!Operators.Split(", ").Contains(word))
        {
            at = from;
            throw Fault(word.Length == 0 ? $"an operator was expected after '{text[start..end]}': {Operators}" : $"'{word}' is no operator of a filter: {Operators}");
        }

        if (at < text.Length && !char.IsWhiteSpace(text[at]))
            throw Fault($"a blank was expected after '{word}'");
        Blanks();
        return new(start + 1, path, word, Value(word));
    }

    private FilterStep Step()
    {
        var start = at;
        var name = Name();
        var type = Next(':') ? Name() : null;
        return new(start + 1, name, type, Next('[') ? Closed(']') : null);
    }

    private string Name()
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '-'))
            at++;
        return at > start ? text[start..at] : throw Fault("the name of a search parameter was expected");
    }

    private string Value(string op)
    {
        var start = at;
        if (Next('"'))
        {
            for (; at < text.Length && text[at] != '"'; at++)
                if (text[at] == '\\')
                    at++;
            if (!Next('"'))
            {
                at = start;
                throw Fault("the string that begins here has no end");
            }

            try
            {
                return JsonSerializer.Deserialize<string>(text[start..at])!;
            }
            catch (JsonException)
            {
                at = start;
                throw Fault("the string that begins here has an escape that JSON does not know");
            }
        }

        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not (')' or ']' or '(' or '[' or '"'))
            at++;
        return at > start ? text[start..at] : throw Fault($"a value was expected after '{op}'; texts with blanks or brackets stand in quotation marks");
    }

    private void Blanks()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
    }

    private bool Next(char c)
    {
        if (at >= text.Length || text[at] != c)
            return false;
        at++;
        return true;
    }

    /// <summary>Takes the word when it stands here whole.</summary>
    private bool Word(string word)
    {
        var end = at + word.Length;
        if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0 || (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] != '('))
            return false;

        // A parameter may bear the name: "not eq 1" compares it.
        at = end;
        return true;
    }

    private FilterSyntaxException Fault(string what) => new(at >= text.Length
        ? $"The filter ends too early, at character {text.Length + 1}: {what}."
        : $"The filter does not read at character {at + 1} ('{text[at..Math.Min(text.Length, at + 20)]}'): {what}.");

    private sealed class FilterSyntaxException(string message) : Exception(message);
}
