using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>The search parameters that an expression reads, those at the ends of its chains included.</summary>
internal static class ExpressionParameters
{
    public static IEnumerable<SearchParam> Of(SearchExpression term) => term switch
    {
        SearchExpression.And and => and.Terms.SelectMany(Of),
        SearchExpression.Or or => or.Terms.SelectMany(Of),
        SearchExpression.Not not => Of(not.Term),
        SearchExpression.Token e => [e.Param],
        SearchExpression.Tokens e => [e.Param],
        SearchExpression.Displayed e => [e.Param],
        SearchExpression.Composite e => [e.Param],
        SearchExpression.IntegerPair e => [e.Param],
        SearchExpression.Reference e => [e.Param],
        SearchExpression.Date e => [e.Param],
        SearchExpression.String e => [e.Param],
        SearchExpression.Word e => [e.Param],
        SearchExpression.Number e => [e.Param],
        SearchExpression.Quantity e => [e.Param],
        SearchExpression.Uri e => [e.Param],
        SearchExpression.Missing e => [e.Param],
        SearchExpression.Chain e => Of(e.Target).Prepend(e.Param),
        SearchExpression.ReverseChain e => Of(e.Source).Prepend(e.Param),
        SearchExpression.Body e => e.Test.Parameters,
        _ => [], // ids, keys, instants and types stand in the resource's own row
    };
}
