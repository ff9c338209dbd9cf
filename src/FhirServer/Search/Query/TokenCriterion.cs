using System.Text;
using FhirEmr.FhirServer.Search.Concepts;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A token in a search: <c>code</c>, <c>system|code</c>, <c>|code</c> or <c>system|</c> (search.html#token).</summary>
internal static class TokenCriterion
{
    public const string Expected = "A token is code, system|code, |code (no system) or system| (any code); a boolean is true or false.";
    public const string ExpectedOfType = "An identifier of a type is type-system|type-code|value, as in http://terminology.hl7.org/CodeSystem/v2-0203|MR|12345.";

    /// <param name="elementTypes">Datatypes the parameter ends at, which say whether case matters and which codes there are.</param>
    /// <returns>Null when the text is no token.</returns>
    public static SearchExpression? For(SearchParam param, string text, IEnumerable<string> elementTypes, ISearchSymbols symbols)
    {
        if (Parse(text) is not var (system, code))
            return null;
        var types = elementTypes as IReadOnlySet<string> ?? elementTypes.ToHashSet();
        if (types.Count == 1 && types.Contains("boolean") && code is not ("true" or "false"))
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
        if (types.Contains("ContactPoint") || (system is not null && TokenCase.IsIgnoredBy(system)))
            code = TokenCase.Fold(code);
        var exact = new SearchExpression.Token(param, Hash(code, symbols), number);

        // Without a system the code may be meant in one that ignores case, where such codes are at home.
        if (system is null && param.Code == "language" && TokenCase.Fold(code) is var folded && folded != code && symbols.Find(TokenCase.Languages) is { } languages)
            return new SearchExpression.Or([exact, new SearchExpression.Token(param, Hash(folded, symbols), languages)]);
        return exact;
    }

    /// <summary>System (null: any; empty: none) and code (empty: any); null when the text is no token.</summary>
    public static (string? System, string Code)? Parse(string text)
    {
        var parts = SearchText.Split(text, '|').ConvertAll(SearchText.Unescape);
        (string? System, string Code) token = parts switch
        {
            [var only] => (null, only),
            [var first, var second] => (first, second),
            _ => (null, ""),
        };
        return token.Code.Length == 0 && string.IsNullOrEmpty(token.System) ? null : token;
    }

    /// <summary><c>:of-type</c>: an identifier by type and value.</summary>
    public static SearchExpression? OfType(SearchParam param, string text, ISearchSymbols symbols) =>
        SearchText.Split(text, '|').ConvertAll(SearchText.Unescape) is [var system, { Length: > 0 } code, { Length: > 0 } value]
            ? new SearchExpression.Token(param, Hash(TokenIndexer.TypedKey(system, code, value), symbols), TokenRow.OfType)
            : null;

    /// <summary>Any code of the set; codes of an element that carries no system itself match by the code alone.</summary>
    public static SearchExpression AnyOf(SearchParam param, ConceptAnswer.Found set, IReadOnlySet<string> elementTypes, ISearchSymbols symbols)
    {
        var terms = new List<SearchExpression>();
        var bare = new HashSet<long>();
        foreach (var (system, codes) in set.Systems)
        {
            long[] hashes = [.. codes.Codes.Select(c => Hash(TokenCase.IsIgnoredBy(system) ? TokenCase.Fold(c) : c, symbols)).Order()];
            if (symbols.Find(system) is { } number && (hashes.Length > 0 || codes.AllBut))
                terms.Add(codes is { AllBut: true, Codes.Count: 0 }
                    ? new SearchExpression.Token(param, null, number)
                    : new SearchExpression.Tokens(param, hashes, number) { AllBut = codes.AllBut });
            if (!codes.AllBut && elementTypes.Contains("code"))
                bare.UnionWith(hashes);
        }

        if (bare.Count > 0)
            terms.Add(new SearchExpression.Tokens(param, [.. bare.Order()], 0));
        return ValueCriteria.AnyOf(terms);
    }

    private static long Hash(string text, ISearchSymbols symbols) => symbols.Hash(Encoding.UTF8.GetBytes(text));
}
