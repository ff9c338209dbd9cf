using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Reads the query of a search on one type into what the store executes (search.html).</summary>
/// <remarks>Decoded names and values are expected, in the order given; the paging token is the caller's and must be taken out before.</remarks>
internal sealed class SearchParser(
    SearchParameters parameters, ResourceIndexer indexer, ISearchSymbols symbols, IReferenceLookup references, TimeProvider clock, TimeZoneInfo zone, SearchLimits limits,
    ICustomParameters? custom = null, Func<string, ResourceKey?>? localKey = null)
{
    private const int MaxCriteria = 50; // a planner's work grows faster than their number

    private static readonly HashSet<string> NotYet = new(StringComparer.Ordinal) { "_list", "_query", "_filter", "_type", "_containedType" };

    /// <summary>The same parser over other symbols.</summary>
    public SearchParser With(ISearchSymbols others) => new(parameters, indexer, others, references, clock, zone, limits, custom, localKey);

    /// <param name="baseUrl">This server's FHIR base as the caller sees it; references below it are local.</param>
    public async ValueTask<SearchParse> ParseAsync(
        string type, IReadOnlyList<KeyValuePair<string, string>> query, SearchHandling handling, string? baseUrl, CancellationToken ct)
    {
        var parse = await ReadAsync(type, query, handling, baseUrl, ct);

        // What is unknown here may have been defined on another node a moment ago.
        return custom is not null && HasUnknown(parse) && await custom.RefreshAsync(ct) ? await ReadAsync(type, query, handling, baseUrl, ct) : parse;
    }

    private static bool HasUnknown(SearchParse parse) => parse switch
    {
        SearchParse.Refused refused => refused.Faults.Any(f => f.Code is "not-supported" or "value"),
        SearchParse.Parsed parsed => parsed.Warnings.Any(w => w.Code == "not-supported"),
        _ => false,
    };

    private async ValueTask<SearchParse> ReadAsync(
        string type, IReadOnlyList<KeyValuePair<string, string>> query, SearchHandling handling, string? baseUrl, CancellationToken ct)
    {
        var faults = new SearchFaults(handling);
        var criteria = new CriterionParser(parameters, indexer, symbols, references, zone, clock.GetUtcNow(), baseUrl, faults, localKey);
        var result = new ResultParser(type, parameters, limits, faults);
        var terms = new List<SearchExpression>();
        var applied = new List<KeyValuePair<string, string>>(query.Count);
        foreach (var (name, value) in query)
        {
            var key = SearchKey.Parse(name);
            if (result.TryTake(key, name, value, out var shown))
            {
                if (shown is not null)
                    applied.Add(new(name, shown));
            }
            else if (NotYet.Contains(key.Code))
            {
                faults.Unknown(name, $"'{key.Code}' is not supported yet.");
            }
            else if (terms.Count == MaxCriteria)
            {
                faults.Refuse("too-costly", name, $"A search takes {MaxCriteria} criteria at most.");
                break;
            }
            else if (await criteria.ParseAsync(type, name, value, ct) is { } term)
            {
                terms.Add(term);
                applied.Add(new(name, value));
            }
        }

        if (faults.Refusals.Count > 0)
            return new SearchParse.Refused(faults.Refusals);
        var where = terms is [var one] ? one : new SearchExpression.And(terms);
        return new SearchParse.Parsed(result.Apply(new SearchQuery(type, where) { MaxScanned = limits.MaxScanned }), result.Controls, applied, faults.Warnings);
    }
}
