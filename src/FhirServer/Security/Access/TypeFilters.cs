using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>The filters of several types as one condition on a resource that is of one of them.</summary>
internal static class TypeFilters
{
    /// <summary>Null when the interaction reaches all resources of all these types.</summary>
    /// <param name="types">Types that the plan allows the interaction on.</param>
    public static SearchExpression? Of(IReadOnlyList<string> types, Interaction interaction, AccessPlan access)
    {
        if (access.IsEverything)
            return null;
        if (types is [var only])
            return access.Of(only).Where(interaction);

        var (whole, terms) = (new List<string>(), new List<SearchExpression>());
        foreach (var type in types)
            if (access.Of(type).Where(interaction) is { } where)
                terms.Add(where is SearchExpression.Sids ? where : TypeUnion.Guarded(type, where)); // a surrogate key says whose it is
            else
                whole.Add(type);
        if (terms.Count == 0)
            return null;
        if (whole.Count > 0)
            terms.Insert(0, new SearchExpression.OfType(whole));
        return ValueCriteria.AnyOf(terms);
    }
}
