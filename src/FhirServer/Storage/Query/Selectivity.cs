using System.Collections.Frozen;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Guesses, from the kind of a condition alone, which one leaves the fewest resources: lowest first.</summary>
/// <remarks>
/// From the kind, so that a query has one statement text and one plan, today and under load; where kinds say little and counts are known
/// (<see cref="PagePlanner"/>), by those.
/// </remarks>
internal static class Selectivity
{
    /// <summary>Conditions that a search cannot start from: they say what a resource is not, or touch the resource row only.</summary>
    public const int None = 100;

    /// <summary>Up to here a condition names few resources by its nature: ids, identifiers, references.</summary>
    public const int Single = 2;

    /// <summary>Resources up to which a condition counts as few, whatever its kind.</summary>
    private const long Few = 5_000;

    private static readonly FrozenSet<string> CoarseTokens = FrozenSet.ToFrozenSet(
        ["status", "category", "active", "gender", "class", "use", "intent", "outcome", "_security", "clinical-status", "verification-status", "priority", "deceased"],
        StringComparer.Ordinal);

    /// <summary>Order in which to start: what is known to be few, then by kind, then what is known to be many.</summary>
    public static (int Class, long Within) Of(SearchExpression term, bool isScoped, IReadOnlyDictionary<SearchExpression, long>? counts) =>
        Of(term, isScoped) is var rank && rank < None && counts is not null && counts.TryGetValue(term, out var count)
            ? count <= Few ? (0, count) : (2, count)
            : (rank < None ? 1 : 3, rank);

    public static int Of(SearchExpression term, bool isScoped) => term switch
    {
        SearchExpression.Ids or SearchExpression.Sids => 0,
        SearchExpression.Token { Hash: not null, Param.Code: "identifier" } => 1,
        SearchExpression.Reference { Owner: not null } => isScoped ? 20 : 2,
        SearchExpression.Reference => 2,
        SearchExpression.Uri { Below: false } => 3,
        SearchExpression.String { Match: StringMatch.StartsWith } => 4,
        SearchExpression.Token { Hash: not null } token => CoarseTokens.Contains(token.Param.Code) ? 12 : 5,
        SearchExpression.Composite { Hash: not null } => 5,
        SearchExpression.Tokens { AllBut: false } => 5,
        SearchExpression.Displayed => 6,
        SearchExpression.Chain => 6,
        SearchExpression.ReverseChain => 7,
        SearchExpression.Quantity or SearchExpression.Number => 8,
        SearchExpression.IntegerPair or SearchExpression.Composite => 9,
        SearchExpression.Date => 9,
        SearchExpression.Uri => 10,
        SearchExpression.String => 14,
        SearchExpression.Token or SearchExpression.Tokens => 16,
        SearchExpression.Or { Terms: { Count: > 0 } terms } => terms.Max(t => Of(t, isScoped)),
        _ => None,
    };
}
