using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>The resources that a condition names by their surrogate keys.</summary>
internal static class NamedTargets
{
    public static IEnumerable<long> In(SearchExpression term) => term switch
    {
        SearchExpression.And and => and.Terms.SelectMany(In),
        SearchExpression.Or or => or.Terms.SelectMany(In),
        SearchExpression.Reference reference => reference.Targets,
        SearchExpression.Sids sids => sids.Values,
        _ => [],
    };
}
