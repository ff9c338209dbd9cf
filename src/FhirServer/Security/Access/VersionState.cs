using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>One version of a resource with the index rows it has, had or would get: what a plan's filter is asked of when no index holds them.</summary>
/// <param name="LastUpdated">Milliseconds since 1970 UTC.</param>
internal sealed record VersionState(ResourceKey Key, long Sid, long LastUpdated, IndexRows Rows)
{
    /// <summary>The condition must be one that <see cref="CanTell"/>, its chains resolved to the keys at their ends.</summary>
    public bool Satisfies(SearchExpression where) => where switch
    {
        SearchExpression.And and => and.Terms.All(Satisfies),
        SearchExpression.Or or => or.Terms.Any(Satisfies),
        SearchExpression.Not not => !Satisfies(not.Term),
        SearchExpression.Sids sids => sids.Values.Contains(Sid),
        SearchExpression.OfType of => of.Types.Contains(Key.Type),
        SearchExpression.LastUpdated updated => (updated.From is not { } from || LastUpdated >= from) && (updated.Before is not { } before || LastUpdated < before),
        _ => RowMatcher.Matches(where, Rows, Key.Id),
    };

    /// <summary>Whether the condition can be decided without the index; what cannot be is not allowed (S-31).</summary>
    public static bool CanTell(SearchExpression where) => where switch
    {
        SearchExpression.And and => and.Terms.All(CanTell),
        SearchExpression.Or or => or.Terms.All(CanTell),
        SearchExpression.Not not => CanTell(not.Term),
        SearchExpression.Sids or SearchExpression.OfType or SearchExpression.LastUpdated or SearchExpression.Chain or SearchExpression.ReverseChain => true,
        _ => RowMatcher.Understands(where),
    };
}
