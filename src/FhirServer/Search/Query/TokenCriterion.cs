using System.Text;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A token in a search: <c>code</c>, <c>system|code</c>, <c>|code</c> or <c>system|</c> (search.html#token).</summary>
internal static class TokenCriterion
{
    public const string Expected = "A token is code, system|code, |code (no system) or system| (any code); a boolean is true or false.";

    /// <param name="elementTypes">Datatypes the parameter ends at, which say whether case matters and which codes there are.</param>
    /// <returns>Null when the text is no token.</returns>
    public static SearchExpression? For(SearchParam param, string text, IEnumerable<string> elementTypes, ISearchSymbols symbols)
    {
        var parts = SearchText.Split(text, '|').ConvertAll(SearchText.Unescape);
        var (system, code) = parts switch
        {
            [var only] => (null, only),
            [var first, var second] => (first, second),
            _ => (null, ""),
        };
        var types = elementTypes as IReadOnlySet<string> ?? elementTypes.ToHashSet();
        if ((code.Length == 0 && string.IsNullOrEmpty(system)) || (types.Count == 1 && types.Contains("boolean") && code is not ("true" or "false")))
            return null;

        int? number = null;
        if (system is { Length: > 0 })
        {
            number = symbols.Find(system);
            if (number is null)
                return new SearchExpression.Or([]); // no resource ever used the system
        }
        else if (system is not null)
        {
            number = 0;
        }

        if (code.Length == 0)
            return new SearchExpression.Token(param, null, number);
        if (types.Contains("ContactPoint"))
            code = TokenIndexer.CaseFolded(code);
        return new SearchExpression.Token(param, symbols.Hash(Encoding.UTF8.GetBytes(code)), number);
    }
}
