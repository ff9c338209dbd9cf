using System.Diagnostics;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Words;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Reads the values of a criterion by the kind of its parameter: everything that needs no look-up of other resources.</summary>
internal sealed class ValueCriteria(ResourceIndexer indexer, ISearchSymbols symbols, TimeZoneInfo zone, DateTimeOffset now, SearchFaults faults)
{
    /// <summary>Null, and a fault, when modifier or value do not fit the parameter.</summary>
    public SearchExpression? Read(SearchParam param, SearchKey key, string given, string value) => param.Kind switch
    {
        _ when key.Modifier == "missing" => Missing(param, given, value),
        _ when param.Code == "_id" => Ids(param, key, given, value),
        _ when param.Code == "_lastUpdated" => LastUpdated(param, key, given, value),
        _ when param.Code is OwnParameters.Text or OwnParameters.Content => Allows(key, param, given)
            ? Each(given, value, WordQueryParser.Expected, text => WordCriterion.For(param, given, text)) : null,
        SearchParamType.Token => Token(param, key, given, value),
        SearchParamType.String => String(param, key, given, value),
        SearchParamType.Date => Date(param, key, given, value),
        SearchParamType.Number => Number(param, key, given, value),
        SearchParamType.Quantity => Quantity(param, key, given, value),
        SearchParamType.Uri => Uri(param, key, given, value),
        SearchParamType.Reference => Each(given, value, TokenCriterion.Expected, text => TokenCriterion.For(param, text, [], symbols)), // :identifier
        _ => throw new UnreachableException($"{param.Kind} parameters are marked unsupported."),
    };

    internal static SearchExpression AnyOf(IReadOnlyList<SearchExpression> terms) => terms is [var one] ? one : new SearchExpression.Or(terms);

    private bool Allows(SearchKey key, SearchParam param, string given, params ReadOnlySpan<string> allowed)
    {
        if (key.Modifier is null || allowed.Contains(key.Modifier))
            return true;
        var known = string.Join(", ", allowed.ToArray().Append("missing").Select(m => $":{m}"));
        faults.Unknown(given, $"The modifier ':{key.Modifier}' is not supported on '{param.Code}' ({param.Kind.ToString().ToLowerInvariant()}); it takes {known}.");
        return false;
    }

    private SearchExpression? Missing(SearchParam param, string given, string value)
    {
        if (value is "true" or "false")
        {
            if (param.Custom is { } custom)
            {
                var present = new SearchExpression.Token(param with { Number = custom.PresenceNumber }, symbols.Hash(Encoding.UTF8.GetBytes(CustomIndex.Present)), null);
                return value == "true" ? new SearchExpression.Not(present) : present;
            }

            if (param.Number > 0)
                return new SearchExpression.Missing(param, value == "true");
            faults.Unknown(given, $"Every resource has '{param.Code}': ':missing' has no meaning there.");
            return null;
        }

        faults.BadValue(given, $"':missing' takes true or false, not '{value}'.");
        return null;
    }

    private SearchExpression? Ids(SearchParam param, SearchKey key, string given, string value)
    {
        if (!Allows(key, param, given, "not"))
            return null;
        var ids = SearchText.Split(value, ',').ConvertAll(SearchText.Unescape);
        if (ids.Find(id => !ResourceKey.IsId(id)) is { } bad)
        {
            faults.BadValue(given, $"'{bad}' is no resource id: an id is 1 to 64 letters, digits, '-' or '.'.");
            return null;
        }

        return key.Modifier == "not" ? new SearchExpression.Not(new SearchExpression.Ids(ids)) : new SearchExpression.Ids(ids);
    }

    private SearchExpression? LastUpdated(SearchParam param, SearchKey key, string given, string value) =>
        Allows(key, param, given)
            ? Each(given, value, DateCriterion.Expected, text => DateCriterion.Parse(text, zone)?.ForLastUpdated(now))
            : null;

    private SearchExpression? Token(SearchParam param, SearchKey key, string given, string value)
    {
        if (!Allows(key, param, given, "not"))
            return null;
        var any = Each(given, value, TokenCriterion.Expected, text => TokenCriterion.For(param, text, indexer.PlanFor(param.Type).ElementTypes(param), symbols));
        return any is not null && key.Modifier == "not" ? new SearchExpression.Not(any) : any;
    }

    private SearchExpression? String(SearchParam param, SearchKey key, string given, string value)
    {
        if (!Allows(key, param, given, "exact", "contains"))
            return null;
        return Each(given, value, "A string is any text.", text =>
        {
            var plain = SearchText.Unescape(text);
            if (plain.Length == 0)
                return null;
            var folded = StringIndexer.Cut(StringFolding.Fold(plain));
            // Punctuation alone folds to nothing, which would match every text: then only the text itself can be meant.
            return key.Modifier == "exact" || folded.Length == 0
                ? new SearchExpression.String(param, StringMatch.Exact, StringIndexer.Cut(plain))
                : new SearchExpression.String(param, key.Modifier == "contains" ? StringMatch.Contains : StringMatch.StartsWith, folded);
        });
    }

    private SearchExpression? Date(SearchParam param, SearchKey key, string given, string value) =>
        Allows(key, param, given)
            ? Each(given, value, DateCriterion.Expected, text => DateCriterion.Parse(text, zone)?.For(param, now))
            : null;

    private SearchExpression? Number(SearchParam param, SearchKey key, string given, string value) =>
        Allows(key, param, given)
            ? Each(given, value, NumberCriterion.Expected, text => NumberCriterion.Parse(text) is { } number
                ? AnyOf([.. number.Intervals().Select(i => new SearchExpression.Number(
                    param, Encode(i.Low), i.LowInclusive, Encode(i.High), i.HighInclusive))])
                : null)
            : null;

    private static string? Encode(decimal? bound) => bound is { } value ? DecimalKey.Encode(value) : null;

    private SearchExpression? Quantity(SearchParam param, SearchKey key, string given, string value) =>
        Allows(key, param, given) ? Each(given, value, QuantityCriterion.Expected, text => QuantityCriterion.Parse(text)?.For(param, symbols)) : null;

    private SearchExpression? Uri(SearchParam param, SearchKey key, string given, string value) =>
        Allows(key, param, given, "below")
            ? Each(given, value, "A URI is written out in full.", text => SearchText.Unescape(text) is { Length: > 0 } uri && !uri.Contains(' ', StringComparison.Ordinal)
                ? new SearchExpression.Uri(param, UriIndexer.Cut(uri), key.Modifier == "below")
                : null)
            : null;

    /// <summary>Values separated by commas: any of them. Null, and a fault, when one does not read.</summary>
    private SearchExpression? Each(string given, string value, string expected, Func<string, SearchExpression?> read)
    {
        var terms = new List<SearchExpression>();
        foreach (var text in SearchText.Split(value, ','))
        {
            if (read(text) is not { } term)
            {
                faults.BadValue(given, $"'{(text.Length > 80 ? text[..80] + "…" : text)}' is no value for '{given}'. {expected}");
                return null;
            }

            terms.Add(term);
        }

        return AnyOf(terms);
    }
}
