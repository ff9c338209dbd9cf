using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Reads one criterion, <c>name=value</c>, into an expression; says what is wrong to <paramref name="faults"/> and answers null.</summary>
/// <param name="baseUrl">This server's FHIR base as the caller sees it: references below it are local.</param>
internal sealed class CriterionParser(
    SearchParameters parameters, ResourceIndexer indexer, ISearchSymbols symbols, IReferenceLookup references, TimeZoneInfo zone,
    DateTimeOffset now, string? baseUrl, SearchFaults faults)
{
    private const int MaxChainDepth = 4;
    private const int MaxChainTargets = 12;

    private readonly ReferenceCriterion referenceCriterion = new(references, baseUrl);

    public async ValueTask<SearchExpression?> ParseAsync(string type, string name, string value, CancellationToken ct) =>
        await ParseAsync(type, name, name, value, 0, ct);

    /// <param name="given">The whole name as the client wrote it, for messages.</param>
    private async ValueTask<SearchExpression?> ParseAsync(string type, string name, string given, string value, int depth, CancellationToken ct)
    {
        if (depth > MaxChainDepth)
        {
            faults.Refuse("too-costly", given, $"'{given}' chains more than {MaxChainDepth} references: search in steps.");
            return null;
        }

        if (name.StartsWith("_has:", StringComparison.Ordinal))
            return await ReverseChainAsync(type, name, given, value, depth, ct);

        var key = SearchKey.Parse(name);
        if (Find(type, key.Code, given) is not { } param)
            return null;
        if (value.Length == 0)
        {
            faults.BadValue(given, $"'{given}' has no value. Give one, or leave the parameter out.");
            return null;
        }

        if (key.Chain is not null)
            return await ChainAsync(param, key, given, value, depth, ct);
        if (key.Modifier == "missing")
            return Missing(param, given, value);

        return param.Kind switch
        {
            _ when param.Code == "_id" => Ids(key, given, value),
            _ when param.Code == "_lastUpdated" => LastUpdated(key, given, value),
            SearchParamType.Token => Token(param, key, given, value),
            SearchParamType.String => String(param, key, given, value),
            SearchParamType.Date => Date(param, key, given, value),
            SearchParamType.Number => Number(param, key, given, value),
            SearchParamType.Quantity => Quantity(param, key, given, value),
            SearchParamType.Uri => Uri(param, key, given, value),
            SearchParamType.Reference => await ReferenceAsync(param, key, given, value, ct),
            _ => Unsupported(param, given),
        };
    }

    private SearchParam? Find(string type, string code, string given)
    {
        var param = parameters.Find(type, code);
        if (param is { IsSupported: true })
            return param;
        if (param is not null)
        {
            Unsupported(param, given);
            return null;
        }

        var near = parameters.Nearest(type, code);
        faults.Unknown(given, $"{type} has no search parameter '{code}'." + (near is null ? "" : $" Did you mean '{near}'?"));
        return null;
    }

    private SearchExpression? Unsupported(SearchParam param, string given)
    {
        faults.Unknown(given, $"'{param.Code}' is a search parameter of {param.Type}, but {param.WhyUnsupported ?? "its kind is not supported"}.");
        return null;
    }

    private bool Allows(SearchKey key, SearchParam param, string given, params ReadOnlySpan<string> allowed)
    {
        if (key.Modifier is null || allowed.Contains(key.Modifier))
            return true;
        var known = string.Join(", ", allowed.ToArray().Append("missing").Select(m => $":{m}"));
        faults.Unknown(given, $"The modifier ':{key.Modifier}' is not supported on '{param.Code}' ({param.Kind.ToString().ToLowerInvariant()}); it takes {known}.");
        return false;
    }

    private SearchExpression.Missing? Missing(SearchParam param, string given, string value)
    {
        if (value is "true" or "false")
        {
            if (param.Number > 0)
                return new(param, value == "true");
            faults.Unknown(given, $"Every resource has '{param.Code}': ':missing' has no meaning there.");
            return null;
        }

        faults.BadValue(given, $"':missing' takes true or false, not '{value}'.");
        return null;
    }

    private SearchExpression? Ids(SearchKey key, string given, string value)
    {
        if (!Allows(key, parameters.Find("Patient", "_id")!, given, "not"))
            return null;
        var ids = SearchText.Split(value, ',').ConvertAll(SearchText.Unescape);
        if (ids.Find(id => !ResourceKey.IsId(id)) is { } bad)
        {
            faults.BadValue(given, $"'{bad}' is no resource id: an id is 1 to 64 letters, digits, '-' or '.'.");
            return null;
        }

        return key.Modifier == "not" ? new SearchExpression.Not(new SearchExpression.Ids(ids)) : new SearchExpression.Ids(ids);
    }

    private SearchExpression? LastUpdated(SearchKey key, string given, string value) =>
        Allows(key, parameters.Find("Patient", "_lastUpdated")!, given)
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

    private async ValueTask<SearchExpression?> ReferenceAsync(SearchParam param, SearchKey key, string given, string value, CancellationToken ct)
    {
        if (key.Modifier == "identifier")
            return Each(given, value, TokenCriterion.Expected, text => TokenCriterion.For(param, text, [], symbols));
        if (key.Modifier is { } type && !IsTarget(param, type, given))
            return null;

        var targets = new List<long>();
        foreach (var part in SearchText.Split(value, ','))
        {
            var (found, fault) = await referenceCriterion.TargetsAsync(param, key.Modifier, SearchText.Unescape(part), ct);
            if (fault is not null)
            {
                faults.BadValue(given, fault);
                return null;
            }

            targets.AddRange(found);
        }

        return new SearchExpression.Reference(param, [.. targets.Distinct()]);
    }

    private bool IsTarget(SearchParam param, string type, string given)
    {
        if (!ResourceTypes.Exists(type))
        {
            var near = NearestName.Of(type, ResourceTypes.All);
            faults.Unknown(given, $"':{type}' is neither a resource type nor a modifier of a reference; those are :missing, :identifier and a type such as :Patient."
                + (near is null ? "" : $" Did you mean ':{near}'?"));
            return false;
        }

        if (param.Targets.Count == 0 || param.Targets.Contains(type))
            return true;
        faults.BadValue(given, $"'{param.Code}' of {param.Type} never refers to a {type}; it refers to {string.Join(", ", param.Targets)}.");
        return false;
    }

    private async ValueTask<SearchExpression?> ChainAsync(SearchParam param, SearchKey key, string given, string value, int depth, CancellationToken ct)
    {
        if (param.Kind != SearchParamType.Reference)
        {
            faults.Refuse("invalid", given, $"'{param.Code}' is no reference, so nothing can be searched beyond it.");
            return null;
        }

        if (key.Modifier is { } type && !IsTarget(param, type, given))
            return null;
        var code = SearchKey.Parse(key.Chain!).Code;
        var possible = key.Modifier is { } one ? [one] : param.Targets.Count > 0 ? param.Targets : ResourceTypes.All;
        var targets = possible.Where(t => code == "_has" || parameters.Find(t, code) is { IsSupported: true }).ToArray();
        if (targets.Length == 0)
        {
            var near = possible.Count <= MaxChainTargets ? possible.Select(t => parameters.Nearest(t, code)).FirstOrDefault(n => n is not null) : null;
            faults.Unknown(given, $"None of the types '{param.Code}' refers to ({string.Join(", ", possible.Take(MaxChainTargets))}) has a search parameter '{code}'."
                + (near is null ? "" : $" Did you mean '{near}'?"));
            return null;
        }

        if (targets.Length > MaxChainTargets)
        {
            faults.Refuse("too-costly", given, $"'{param.Code}' may refer to {targets.Length} types with a '{code}': say which, as in '{param.Code}:{targets[0]}.{key.Chain}'.");
            return null;
        }

        var terms = new List<SearchExpression>();
        foreach (var target in targets)
        {
            if (await ParseAsync(target, key.Chain!, given, value, depth + 1, ct) is not { } inner)
                return null;
            terms.Add(new SearchExpression.Chain(param, target, inner));
        }

        return AnyOf(terms);
    }

    /// <summary><c>_has:Type:reference:name</c> (search.html#has).</summary>
    private async ValueTask<SearchExpression?> ReverseChainAsync(string type, string name, string given, string value, int depth, CancellationToken ct)
    {
        if (name.Split(':', 4) is not [_, { Length: > 0 } source, { Length: > 0 } code, { Length: > 0 } rest])
        {
            faults.Refuse("invalid", given, "'_has' is written _has:Type:reference:parameter, as in _has:Observation:patient:code.");
            return null;
        }

        if (!ResourceTypes.Exists(source))
        {
            var near = NearestName.Of(source, ResourceTypes.All);
            faults.Unknown(given, $"'{source}' is not a resource type." + (near is null ? "" : $" Did you mean '{near}'?"));
            return null;
        }

        if (Find(source, code, given) is not { } param)
            return null;
        if (param.Kind != SearchParamType.Reference || (param.Targets.Count > 0 && !param.Targets.Contains(type)))
        {
            faults.Refuse("invalid", given, $"'{code}' of {source} does not refer to a {type}.");
            return null;
        }

        return await ParseAsync(source, rest, given, value, depth + 1, ct) is { } inner ? new SearchExpression.ReverseChain(param, inner) : null;
    }

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

    private static SearchExpression AnyOf(IReadOnlyList<SearchExpression> terms) => terms is [var one] ? one : new SearchExpression.Or(terms);
}
