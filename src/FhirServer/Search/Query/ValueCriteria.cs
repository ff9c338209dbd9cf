using System.Diagnostics;
using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Words;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Reads the values of a criterion by the kind of its parameter: everything that needs no look-up of other resources.</summary>
internal sealed class ValueCriteria(
    SearchParameters parameters, ResourceIndexer indexer, ISearchSymbols symbols, TimeZoneInfo zone, DateTimeOffset now, SearchFaults faults)
{
    private readonly StringCriterion strings = new(parameters, indexer);

    /// <summary>Null, and a fault, when modifier or value do not fit the parameter.</summary>
    public SearchExpression? Read(SearchParam param, SearchKey key, string given, string value)
    {
        if (key.Modifier == "missing")
            return Missing(param, given, value);
        switch (param.Kind)
        {
            case var _ when param.Code == "_id":
                return Ids(param, key, given, value);
            case var _ when param.Code == "_lastUpdated":
                return Allows(key, param, given) ? Each(given, value, DateCriterion.Expected, text => DateCriterion.Parse(text, zone)?.ForLastUpdated(now)) : null;
            case var _ when param.Code is OwnParameters.Text or OwnParameters.Content:
                return Allows(key, param, given) ? Each(given, value, WordQueryParser.Expected, text => WordCriterion.For(param, given, text)) : null;
            case SearchParamType.Token:
                return Token(param, key, given, value);
            case SearchParamType.Reference: // :identifier
                return Each(given, value, TokenCriterion.Expected, text => TokenCriterion.For(param, text, [], symbols));
            case SearchParamType.Uri:
                return Allows(key, param, given, "below", "above") ? Each(given, value, Expected(param.Kind), text => One(param, key.Modifier, text, given)) : null;
            case SearchParamType.String:
                return Allows(key, param, given, "exact", "contains") ? Each(given, value, Expected(param.Kind), text => One(param, key.Modifier, text, given)) : null;
            default:
                return Allows(key, param, given) ? Each(given, value, Expected(param.Kind), text => One(param, null, text, given)) : null;
        }
    }

    /// <summary>One value, escapes still in place; null when it does not read.</summary>
    public SearchExpression? One(SearchParam param, string? modifier, string text, string given) => param.Kind switch
    {
        SearchParamType.Token => TokenCriterion.For(param, text, indexer.PlanFor(param.Type).ElementTypes(param), symbols),
        SearchParamType.String => strings.For(param, modifier, text, given),
        SearchParamType.Date => DateCriterion.Parse(text, zone)?.For(param, now),
        SearchParamType.Number => NumberCriterion.Parse(text) is { } number
            ? AnyOf([.. number.Intervals().Select(i => new SearchExpression.Number(param, Encode(i.Low), i.LowInclusive, Encode(i.High), i.HighInclusive))])
            : null,
        SearchParamType.Quantity => QuantityCriterion.Parse(text)?.For(param, symbols),
        SearchParamType.Uri => UriCriterion.For(param, modifier, text, parameters, symbols),
        SearchParamType.Special => NearCriterion.Parse(text)?.For(parameters, given),
        _ => throw new UnreachableException($"{param.Kind} parameters are read elsewhere."),
    };

    /// <inheritdoc cref="StringCriterion.EndsWith"/>
    public SearchExpression EndsWith(SearchParam param, string text, string given) => strings.EndsWith(param, text, given);

    /// <inheritdoc cref="StringCriterion.Whole"/>
    public SearchExpression Whole(SearchParam param, string text, string given) => strings.Whole(param, text, given);

    public static string Expected(SearchParamType kind) => kind switch
    {
        SearchParamType.Token => TokenCriterion.Expected,
        SearchParamType.String => StringCriterion.Expected,
        SearchParamType.Date => DateCriterion.Expected,
        SearchParamType.Number => NumberCriterion.Expected,
        SearchParamType.Quantity => QuantityCriterion.Expected,
        SearchParamType.Uri => UriCriterion.Expected,
        SearchParamType.Special => NearCriterion.Expected,
        _ => "",
    };

    /// <summary>Any of them, alternatives within alternatives taken out: a flat list of index conditions is one condition to the store.</summary>
    internal static SearchExpression AnyOf(IReadOnlyList<SearchExpression> terms) => terms is [var one] ? one
        : new SearchExpression.Or(terms.Any(t => t is SearchExpression.Or) ? [.. terms.SelectMany(t => t is SearchExpression.Or inner ? inner.Terms : [t])] : terms);

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
            if (param.Kind == SearchParamType.Special)
                return new SearchExpression.Missing(parameters.Hidden(param.Type)[0], value == "true"); // a place without latitude is none
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

    private SearchExpression? Token(SearchParam param, SearchKey key, string given, string value)
    {
        if (!Allows(key, param, given, "not", "text", "in", "not-in", "above", "below", "of-type"))
            return null;
        var types = indexer.PlanFor(param.Type).ElementTypes(param);
        switch (key.Modifier)
        {
            case "text":
                return Each(given, value, "The text of a code is any text with a letter or digit.", text => Text(param, text, given));
            case "of-type" when types.Contains("Identifier"):
                return Each(given, value, TokenCriterion.ExpectedOfType, text => TokenCriterion.OfType(param, text, symbols));
            case "of-type":
                faults.Unknown(given, $"':of-type' is for identifiers; '{param.Code}' of {param.Type} has none.");
                return null;
        }

        var any = Each(given, value, TokenCriterion.Expected, text => TokenCriterion.For(param, text, types, symbols));
        return any is not null && key.Modifier == "not" ? new SearchExpression.Not(any) : any;
    }

    private SearchExpression.Body? Text(SearchParam param, string text, string given)
    {
        var folded = StringFolding.Fold(SearchText.Unescape(text));
        return folded.Length == 0 ? null : new(new ValueTest(indexer.PlanFor(param.Type), param, node => TokenText.StartsWith(node, folded)))
        {
            Candidates = new SearchExpression.Displayed(param, StringIndexer.Cut(folded)),
            Parameter = given,
        };
    }

    private static string? Encode(decimal? bound) => bound is { } value ? DecimalKey.Encode(value) : null;

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
