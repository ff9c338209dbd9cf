using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>One version with the index rows it had, against which any criterion can be tested in memory.</summary>
internal sealed record PastResource(StoredResource Resource, ResourceTree Tree, IndexRows Rows, ISymbols Symbols)
{
    public bool Matches(SearchExpression where) => where switch
    {
        SearchExpression.And and => and.Terms.All(Matches),
        SearchExpression.Or or => or.Terms.Any(Matches),
        SearchExpression.Not not => !Matches(not.Term),
        SearchExpression.Sids sids => sids.Values.Contains(Resource.Sid),
        SearchExpression.OfType of => of.Types.Contains(Resource.Key.Type),
        SearchExpression.LastUpdated updated => (updated.From is not { } from || Updated >= from) && (updated.Before is not { } before || Updated < before),
        SearchExpression.Missing { Shape: { } shape } inside => HasInside(shape, inside.Param) != inside.IsMissing,
        SearchExpression.Body body => body.Test.Matches(Tree.Root),
        _ => RowMatcher.Matches(where, Rows, Resource.Key.Id),
    };

    /// <summary>A contained resource has a value: its shape stands among the rows of the resource around it.</summary>
    private bool HasInside(int shape, SearchParam param)
    {
        var sets = Symbols.ShapesOf(ResourceTypes.NumberOf(param.Type));
        return Rows.Tokens.Exists(r => r.Param == shape && sets.Any(s => s.Hash == r.Hash && s.Params.Contains(param.Number)));
    }

    private long Updated => Resource.LastUpdated.ToUnixTimeMilliseconds();
}
