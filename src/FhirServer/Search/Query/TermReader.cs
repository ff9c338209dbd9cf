using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query.Filter;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>Reads one criterion for every type that is searched.</summary>
internal sealed class TermReader(SearchParameters parameters, CriterionParser criteria, TimeZoneInfo zone, SearchFaults faults, bool isPatientScoped)
{
    private const int MaxBranches = 400; // engines join only so many SELECTs

    private readonly ListCriterion lists = new(parameters, criteria, faults);

    /// <param name="types">Empty for every type.</param>
    public async ValueTask<SearchExpression?> ReadAsync(IReadOnlyList<string> types, SearchKey key, string name, string value, CancellationToken ct)
    {
        if (types is [var only])
            return await OneAsync(only, key, name, value, ct);

        var all = types.Count == 0 ? ResourceTypes.All : types;
        var isOfEvery = key.Code is "_id" or "_lastUpdated" || (key.Code == "_list" && !value.StartsWith('$'));
        if (!isOfEvery && !IsCommon(all, types.Count == 0, key, name))
            return null;

        // What the resource row or a List answers is the same for every type.
        var terms = new List<(string Type, SearchExpression Term)>();
        foreach (var type in isOfEvery ? all.Take(1) : all)
        {
            if (await OneAsync(type, key, name, value, ct) is not { } term)
                return null;
            terms.Add((type, term));
        }

        var union = TypeUnion.Of(terms);
        if (Branches(union) <= MaxBranches)
            return union;
        faults.Refuse("too-costly", name, $"'{name}' means too many different searches across {all.Count} types: name fewer of them in _type.");
        return null;
    }

    private ValueTask<SearchExpression?> OneAsync(string type, SearchKey key, string name, string value, CancellationToken ct) => key.Code switch
    {
        "_list" when key is { Modifier: null, Chain: null } => lists.ParseAsync(type, name, value, isPatientScoped, ct),
        "_filter" when key is { Modifier: null, Chain: null } => new FilterTranslator(parameters, criteria, zone, faults).ReadAsync(type, name, value, ct),
        _ => criteria.ParseAsync(type, name, value, ct),
    };

    /// <summary>A search over several types takes parameters that all of them have (search.html#all).</summary>
    private bool IsCommon(IReadOnlyList<string> types, bool isEvery, SearchKey key, string name)
    {
        if (key.Code is "_has" or "_filter" or "_list" || name.StartsWith("_has:", StringComparison.Ordinal))
            return true;
        if (types.FirstOrDefault(t => parameters.Find(t, key.Code) is not { IsSupported: true }) is not { } lacking)
            return true;

        var known = parameters.Of(types[0]).Where(p => p.IsSupported).Select(p => p.Code).Where(c => types.All(t => parameters.Find(t, c) is { IsSupported: true }));
        var near = NearestName.Of(key.Code, known);
        faults.Unknown(name, (isEvery
            ? $"A search without _type takes parameters of every resource only, and {lacking} has no '{key.Code}': name the types, as in _type=Observation."
            : $"A search over several types takes parameters that all of them have, and {lacking} has no '{key.Code}'.") + (near is null ? "" : $" Did you mean '{near}'?"));
        return false;
    }

    private static int Branches(SearchExpression term) => term switch
    {
        SearchExpression.Or or => or.Terms.GroupBy(t => t is SearchExpression.Chain or SearchExpression.Or or SearchExpression.And).Sum(g => g.Key ? g.Sum(Branches) : Math.Min(g.Count(), 50)),
        SearchExpression.And and => and.Terms.Sum(Branches),
        SearchExpression.Not not => Branches(not.Term),
        _ => 1,
    };
}
