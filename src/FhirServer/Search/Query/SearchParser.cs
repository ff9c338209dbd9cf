using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Concepts;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query.Contained;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Reads the query of a search on one type, on several, or in a compartment into what the store executes (search.html).</summary>
/// <remarks>Decoded names and values are expected, in the order given; the paging token is the caller's and must be taken out before.</remarks>
internal sealed class SearchParser(
    SearchParameters parameters, ResourceIndexer indexer, ISearchSymbols symbols, IReferenceLookup references, ConceptLookup concepts,
    TimeProvider clock, TimeZoneInfo zone, SearchLimits limits, ICustomParameters? custom = null, Func<string, ResourceKey?>? localKey = null)
{
    private const int MaxCriteria = 50; // a planner's work grows faster than their number

    private static readonly HashSet<string> NotYet = new(StringComparer.Ordinal) { "_query" };

    /// <summary>The same parser over other symbols.</summary>
    public SearchParser With(ISearchSymbols others) => new(parameters, indexer, others, references, concepts, clock, zone, limits, custom, localKey);

    /// <summary>The same parser at another moment: what is referred to, what codes mean, and when now is.</summary>
    public SearchParser At(IReferenceLookup otherReferences, ConceptLookup otherConcepts, TimeProvider otherClock) =>
        new(parameters, indexer, symbols, otherReferences, otherConcepts, otherClock, zone, limits, custom, localKey);

    public ValueTask<SearchParse> ParseAsync(
        string type, IReadOnlyList<KeyValuePair<string, string>> query, SearchHandling handling, string? baseUrl, CancellationToken ct) =>
        ParseAsync(new SearchScope(type), query, handling, baseUrl, ct);

    /// <param name="baseUrl">This server's FHIR base as the caller sees it; references below it are local.</param>
    public async ValueTask<SearchParse> ParseAsync(
        SearchScope scope, IReadOnlyList<KeyValuePair<string, string>> query, SearchHandling handling, string? baseUrl, CancellationToken ct)
    {
        var parse = await ReadAsync(scope, query, handling, baseUrl, ct);

        // What is unknown here may have been defined on another node a moment ago.
        return custom is not null && HasUnknown(parse) && await custom.RefreshAsync(ct) ? await ReadAsync(scope, query, handling, baseUrl, ct) : parse;
    }

    private static bool HasUnknown(SearchParse parse) => parse switch
    {
        SearchParse.Refused refused => refused.Faults.Any(f => f.Code is "not-supported" or "value"),
        SearchParse.Parsed parsed => parsed.Warnings.Any(w => w.Code == "not-supported"),
        _ => false,
    };

    private async ValueTask<SearchParse> ReadAsync(
        SearchScope scope, IReadOnlyList<KeyValuePair<string, string>> query, SearchHandling handling, string? baseUrl, CancellationToken ct)
    {
        var faults = new SearchFaults(handling);
        if (SearchedTypes.Of(scope, query, parameters, faults) is not { } types)
            return new SearchParse.Refused(faults.Refusals);
        if (ContainedOptions.Read(scope, types, query, faults) is not { } contained)
            return new SearchParse.Refused(faults.Refusals);

        var targets = new RecordedTargets(references);
        var units = contained.Inside ? new RecordedSymbols(symbols) : symbols;
        var criteria = new CriterionParser(parameters, indexer, units, contained.Inside ? targets : references, concepts, zone, clock.GetUtcNow(), baseUrl, faults, localKey);
        var isPatientScoped = scope.Compartment?.Type == "Patient" || query.Any(p => SearchKey.Parse(p.Key) is { Code: "patient" or "subject", Modifier: null or "Patient", Chain: null });
        var reader = new TermReader(parameters, criteria, zone, faults, isPatientScoped);
        var result = new ResultParser(contained.Inside ? [] : types, parameters, limits, faults);
        var terms = new List<SearchExpression>();
        var applied = new List<KeyValuePair<string, string>>(query.Count);
        foreach (var (name, value) in query)
        {
            var key = SearchKey.Parse(name);
            if (key.Code == "_type" || ContainedOptions.IsOption(name))
            {
                applied.Add(new(name, value));
            }
            else if (result.TryTake(key, name, value, out var shown))
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
            else if (await reader.ReadAsync(types, key, name, value, ct) is { } term)
            {
                if (contained.Inside && (!RowMatcher.Understands(term) || (key.Modifier is "above" or "below" && term is SearchExpression.Reference)))
                    faults.Refuse("not-supported", name, $"'{name}' cannot be asked of contained resources: they take plain criteria on their own elements.");
                terms.Add(term);
                applied.Add(new(name, value));
            }
        }

        result.Finish();
        if (faults.Refusals.Count > 0)
            return new SearchParse.Refused(faults.Refusals);
        if (scope.Compartment is { } focus)
            terms.Add(await new CompartmentCriterion(parameters, references).ForAsync(focus, types, ct));
        var where = terms is [var one] ? one : new SearchExpression.And(terms);
        var parsed = new SearchParse.Parsed(new SearchQuery("", where), result.Controls, applied, faults.Warnings);
        if (!contained.Inside)
            return parsed with { Query = result.Apply(Over(types, where)) };

        // Whatever contains a match; and, for both, the matches that stand by themselves.
        var match = new ContainedMatch(types[0], where, indexer, units, targets, contained.Outside);
        var hash = symbols.Hash(Encoding.UTF8.GetBytes(types[0]));
        SearchExpression inside = new SearchExpression.Body(match)
        {
            Parameter = "_contained",
            Candidates = new SearchExpression.Or([.. ResourceTypes.All.Select(t => new SearchExpression.Token(parameters.Inside(t), hash, null))]),
        };
        var either = contained.Outside ? new SearchExpression.Or([TypeUnion.Guarded(types[0], where), inside]) : inside;
        return parsed with { Query = result.Apply(Over([], either)), Contained = contained.AnswersContained ? match : null };
    }

    private SearchQuery Over(IReadOnlyList<string> types, SearchExpression where) =>
        (types is [var only] ? new SearchQuery(only, where) : new SearchQuery(SearchQuery.EveryType, where) { Types = types }) with { MaxScanned = limits.MaxScanned, MaxIterations = limits.MaxIterations };
}
