using System.Text;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>A URI in a search: whole, <c>:below</c> or <c>:above</c> on path segments (search.html#uri); canonicals with <c>|version</c>.</summary>
internal static class UriCriterion
{
    public const string Expected = "A URI is written out in full.";

    /// <summary>Null when the text is no URI.</summary>
    public static SearchExpression? For(SearchParam param, string? modifier, string text, SearchParameters parameters, ISearchSymbols symbols)
    {
        var uri = SearchText.Unescape(text);
        if (uri.Length == 0 || uri.Contains(' ', StringComparison.Ordinal))
            return null;
        if (modifier == "above")
            return ValueCriteria.AnyOf([.. SelfAndAbove(uri).Select(u => Exactly(param, u))]);
        if (modifier == "below")
            return new SearchExpression.Uri(param, UriIndexer.Cut(uri), Below: true);

        // A definition is kept with url and version apart: references.html#canonical.
        if (param.Code == "url" && uri.LastIndexOf('|') is > 0 and var bar && parameters.Find(param.Type, "version") is { IsSupported: true, Kind: Hl7.Fhir.Model.SearchParamType.Token } version)
            return new SearchExpression.And([Exactly(param, uri[..bar]), new SearchExpression.Token(version, symbols.Hash(Encoding.UTF8.GetBytes(uri[(bar + 1)..])), null)]);
        return Exactly(param, uri);
    }

    /// <summary>The URI and all that it lies below: <c>http://x/a/b</c>, <c>http://x/a</c>, <c>http://x</c>, each also with a slash at its end.</summary>
    private static IEnumerable<string> SelfAndAbove(string uri)
    {
        const int MaxSegments = 50;
        if (uri.IndexOf("://", StringComparison.Ordinal) is not (> 0 and var scheme))
        {
            yield return uri; // urn: names have no segments
            yield break;
        }

        var first = scheme + 3;
        for (var (end, i) = (uri.TrimEnd('/').Length, 0); i < MaxSegments && end > first; end = uri.LastIndexOf('/', end - 1), i++)
        {
            if (end < uri.Length)
                yield return uri[..(end + 1)];
            yield return uri[..end];
        }
    }

    private static SearchExpression.Uri Exactly(SearchParam param, string uri) => new(param, UriIndexer.Cut(uri), Below: false);
}
