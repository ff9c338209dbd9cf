using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>One version with the index rows it had, against which any criterion can be tested in memory.</summary>
/// <param name="Present">Numbers of the parameters it has values for.</param>
internal sealed record PastResource(StoredResource Resource, ResourceTree Tree, IndexRows Rows, IReadOnlySet<int> Present)
{
    public bool Matches(SearchExpression where) => where switch
    {
        SearchExpression.And and => and.Terms.All(Matches),
        SearchExpression.Or or => or.Terms.Any(Matches),
        SearchExpression.Not not => !Matches(not.Term),
        OneOf some => some.Values.Contains(Resource.Sid),
        SearchExpression.Sids sids => sids.Values.Contains(Resource.Sid),
        SearchExpression.OfType of => of.Types.Contains(Resource.Key.Type),
        SearchExpression.LastUpdated updated => (updated.From is not { } from || Updated >= from) && (updated.Before is not { } before || Updated < before),
        SearchExpression.Missing missing => Present.Contains(missing.Param.Number) != missing.IsMissing,
        SearchExpression.Body body => body.Test.Matches(Tree.Root),
        _ => RowMatcher.Matches(where, Rows, Resource.Key.Id),
    };

    private long Updated => Resource.LastUpdated.ToUnixTimeMilliseconds();

    /// <summary>Resources with one of these surrogate keys.</summary>
    internal sealed record OneOf(IReadOnlySet<long> Values) : SearchExpression;
}
