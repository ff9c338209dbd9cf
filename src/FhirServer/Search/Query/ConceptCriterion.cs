using FhirEmr.FhirServer.Search.Concepts;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Tokens by what they mean: <c>:in</c>, <c>:not-in</c>, <c>:above</c>, <c>:below</c> (search.html#token).</summary>
/// <remarks>
/// The codes are worked out first and asked of the index as a list. <c>:not-in</c> finds what has no code of the set, also where there is none
/// at all, as <c>:not</c> does.
/// </remarks>
internal sealed class ConceptCriterion(ConceptLookup concepts, ResourceIndexer indexer, ISearchSymbols symbols, string? baseUrl, SearchFaults faults)
{
    public static bool IsModifier(string? modifier) => modifier is "in" or "not-in" or "above" or "below";

    /// <summary>Null, and a fault, when it cannot be said which codes are meant.</summary>
    public async ValueTask<SearchExpression?> ReadAsync(SearchParam param, SearchKey key, string given, string value, CancellationToken ct)
    {
        var sets = new List<ConceptAnswer.Found>();
        foreach (var text in SearchText.Split(value, ','))
        {
            var answer = key.Modifier is "in" or "not-in" ? await InAsync(text, given, ct) : await AroundAsync(text, key.Modifier == "above", given, ct);
            switch (answer)
            {
                case ConceptAnswer.Found found:
                    sets.Add(found);
                    break;
                case ConceptAnswer.Unknown unknown:
                    faults.Refuse(unknown.Code, given, $"'{given}' cannot be answered: {unknown.Text}");
                    return null;
                default:
                    return null;
            }
        }

        if (sets.Sum(s => s.Count) is > ConceptLookup.MaxCodes and var count)
        {
            faults.Refuse("too-costly", given, $"'{given}' comes to {count} codes, more than the {ConceptLookup.MaxCodes} a search takes.");
            return null;
        }

        // Each by itself: what one set lists must not vanish in another that leaves codes out.
        var types = indexer.PlanFor(param.Type).ElementTypes(param);
        var any = ValueCriteria.AnyOf([.. sets.Select(s => TokenCriterion.AnyOf(param, s, types, symbols))]);
        return key.Modifier == "not-in" ? new SearchExpression.Not(any) : any;
    }

    private async ValueTask<ConceptAnswer?> InAsync(string text, string given, CancellationToken ct)
    {
        var url = SearchText.Unescape(text);
        if (url.Length == 0 || url.Contains(' ', StringComparison.Ordinal))
        {
            faults.BadValue(given, $"'{text}' names no value set. Give its canonical URL, with or without |version, or ValueSet/id.");
            return null;
        }

        var root = baseUrl?.TrimEnd('/') + "/";
        return await concepts.InAsync(root.Length > 1 && url.StartsWith(root, StringComparison.Ordinal) ? url[root.Length..] : url, ct);
    }

    private async ValueTask<ConceptAnswer?> AroundAsync(string text, bool above, string given, CancellationToken ct)
    {
        if (TokenCriterion.Parse(text) is ({ Length: > 0 } system, { Length: > 0 } code))
            return await concepts.AroundAsync(system, code, above, ct);
        faults.BadValue(given, $"'{text}' is no value for '{given}': give system|code, since which codes stand {(above ? "above" : "below")} is for the code system to say.");
        return null;
    }
}
