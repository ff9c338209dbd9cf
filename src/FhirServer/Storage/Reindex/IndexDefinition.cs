using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Storage.Reindex;

/// <summary>Which rows a resource gets, as a number: it grows with every change of them, and stores filled by less are indexed again.</summary>
/// <remarks>
/// Raise <see cref="Version"/> whenever the same resource would get other rows than before (a test compares), and say in <see cref="Changes"/> which
/// searches find too little, or too much, until the rows are right.
/// </remarks>
internal static class IndexDefinition
{
    public const int Version = 4;

    /// <summary>What a store without a number has: rows of the first program.</summary>
    public const int First = 1;

    public static readonly IReadOnlyList<IndexChange> Changes =
    [
        new(2, "composite parameters", e => e is SearchExpression.Composite or SearchExpression.IntegerPair),
        new(2, "words of narratives (_text)", e => e is SearchExpression.Word),
        new(2, "texts beside codes (:text)", e => e is SearchExpression.Displayed or SearchExpression.Token { System: TokenRow.InWords }),
        new(2, "identifiers by their type (:of-type)", e => e is SearchExpression.Token { System: TokenRow.OfType }),
        new(2, "the later parts of long texts (:contains)", e => e is SearchExpression.String { Param: var p } && p.Code.EndsWith(SearchParameters.PiecesEnd)),
        new(2, "contained resources (chains, _contained)", e => ParamOf(e) is { } p && (p.IsContained || p.Code == SearchParameters.InsideCode)),
        new(2, "which parameters have a value (:missing)", e => e is SearchExpression.Missing),
        new(3, "canonicals (relative ones, and _revinclude over them)", e => e is SearchExpression.Reference { Targets: var targets } && targets.Any(t => t < 0))
        {
            Follows = i => i.IsReverse,
        },
        new(4, "parameters of US Core (race, ethnicity, gender-identity, asserted-date, discharge-disposition, description, role)", e =>
            (e is SearchExpression.Missing missing ? missing.Param : ParamOf(e)) is { } p && p.Url.StartsWith(UsCoreParameters.Urls, StringComparison.Ordinal)),
    ];

    /// <summary>The same for what a search includes.</summary>
    public static IReadOnlyList<string> Lacking(SearchQuery query, int version) =>
        [.. Lacking(query.Where, version).Union(Changes.Where(c => c.Version > version && query.Includes.Any(c.Follows)).Select(c => c.What))];

    /// <summary>Kinds of rows that the search needs and that a store of that version may lack or have wrong.</summary>
    public static IReadOnlyList<string> Lacking(SearchExpression where, int version)
    {
        var lacking = new List<string>();
        foreach (var change in Changes)
            if (change.Version > version && Any(where, change.Concerns))
                lacking.Add(change.What);
        return lacking;
    }

    private static bool Any(SearchExpression term, Func<SearchExpression, bool> concerns) => concerns(term) || term switch
    {
        SearchExpression.And and => and.Terms.Any(t => Any(t, concerns)),
        SearchExpression.Or or => or.Terms.Any(t => Any(t, concerns)),
        SearchExpression.Not not => Any(not.Term, concerns),
        SearchExpression.Chain chain => Any(chain.Target, concerns),
        SearchExpression.ReverseChain reverse => Any(reverse.Source, concerns),
        SearchExpression.Body { Candidates: { } candidates } => Any(candidates, concerns),
        _ => false,
    };

    private static SearchParam? ParamOf(SearchExpression leaf) => leaf switch
    {
        SearchExpression.Token e => e.Param,
        SearchExpression.Tokens e => e.Param,
        SearchExpression.Displayed e => e.Param,
        SearchExpression.Reference e => e.Param,
        SearchExpression.Date e => e.Param,
        SearchExpression.String e => e.Param,
        SearchExpression.Number e => e.Param,
        SearchExpression.Quantity e => e.Param,
        SearchExpression.Uri e => e.Param,
        SearchExpression.Composite e => e.Param,
        SearchExpression.IntegerPair e => e.Param,
        _ => null,
    };
}

/// <param name="Version">The first that writes these rows.</param>
/// <param name="What">As a client knows them.</param>
/// <param name="Concerns">Whether one condition looks into them.</param>
internal sealed record IndexChange(int Version, string What, Func<SearchExpression, bool> Concerns)
{
    /// <summary>Whether an include looks into them.</summary>
    public Func<Include, bool> Follows { get; init; } = static _ => false;
}
