using System.Collections.Frozen;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Guesses, from the kind of a condition alone, which one leaves the fewest resources: lowest first.</summary>
/// <remarks>From the kind and not from statistics, so that a query has one statement text and one plan, today and under load.</remarks>
internal static class Selectivity
{
    /// <summary>Conditions that a search cannot start from: they say what a resource is not, or touch the resource row only.</summary>
    public const int None = 100;

    private static readonly FrozenSet<string> CoarseTokens = FrozenSet.ToFrozenSet(
        ["status", "category", "active", "gender", "class", "use", "intent", "outcome", "_security", "clinical-status", "verification-status", "priority", "deceased"],
        StringComparer.Ordinal);

    public static int Of(SearchExpression term, bool isScoped) => term switch
    {
        SearchExpression.Ids or SearchExpression.Sids => 0,
        SearchExpression.Token { Hash: not null, Param.Code: "identifier" } => 1,
        SearchExpression.Reference { Owner: not null } => isScoped ? 20 : 2,
        SearchExpression.Reference => 2,
        SearchExpression.Uri { Below: false } => 3,
        SearchExpression.String { Match: StringMatch.StartsWith } => 4,
        SearchExpression.Token { Hash: not null } token => CoarseTokens.Contains(token.Param.Code) ? 12 : 5,
        SearchExpression.Word word => word.IsPrefix ? 11 : 9,
        SearchExpression.Chain => 6,
        SearchExpression.ReverseChain => 7,
        SearchExpression.Quantity or SearchExpression.Number => 8,
        SearchExpression.Date => 9,
        SearchExpression.Uri => 10,
        SearchExpression.String => 14,
        SearchExpression.Token => 16,
        SearchExpression.Or { Terms: { Count: > 0 } terms } => terms.Max(t => Of(t, isScoped)),
        _ => None,
    };
}
