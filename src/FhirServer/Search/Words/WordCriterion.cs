using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Search.Words;

/// <summary><c>_text</c> by the word index, <c>_content</c> by the bodies (search.html#content).</summary>
internal static class WordCriterion
{
    /// <summary>Null when the value does not read.</summary>
    public static SearchExpression? For(SearchParam param, string given, string text)
    {
        if (WordQueryParser.Parse(SearchText.Unescape(text)) is not { } query)
            return null;
        return param.Code == OwnParameters.Content
            ? new SearchExpression.Body(new WordTest(param, query, narrativeOnly: false)) { Parameter = given }
            : Indexed(param, given, query);
    }

    private static SearchExpression Indexed(SearchParam param, string given, WordQuery query)
    {
        switch (query)
        {
            case WordQuery.All all:
                return new SearchExpression.And([.. all.Terms.Select(t => Indexed(param, given, t))]);
            case WordQuery.Any any:
                return new SearchExpression.Or([.. any.Terms.Select(t => Indexed(param, given, t))]);
            case WordQuery.None none:
                return new SearchExpression.Not(Indexed(param, given, none.Term));
            default:
                var phrase = (WordQuery.Phrase)query;
                var words = phrase.Words.Select((w, i) => (SearchExpression)new SearchExpression.Word(param, w, phrase.IsPrefix && i == phrase.Words.Count - 1)).ToArray();
                return words is [var only] ? only : new SearchExpression.Body(new WordTest(param, phrase, narrativeOnly: true))
                {
                    Candidates = new SearchExpression.And(words), // the words are indexed, their order is not
                    Parameter = given,
                };
        }
    }
}
