using FhirEmr.FhirServer.Search.Parameters;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>The end of a chain, asked of resources that are contained where the chain begins instead of stored by themselves.</summary>
/// <remarks>
/// While indexing, the values of a contained resource are kept under parameters of the resource around it
/// (<see cref="SearchParameters.Contained"/>); here the leaves of an expression are turned to them.
/// </remarks>
internal sealed class ContainedValues(SearchParameters parameters, SearchParam reference, string type)
{
    /// <summary>Null when no contained resource can match, as for its id on this server.</summary>
    public SearchExpression? For(SearchExpression end)
    {
        switch (end)
        {
            case SearchExpression.And and:
                var all = and.Terms.Select(For).ToArray();
                return all.Contains(null) ? null : new SearchExpression.And(all!);
            case SearchExpression.Or or:
                var any = or.Terms.Select(For).OfType<SearchExpression>().ToArray();
                return any.Length == 0 ? null : ValueCriteria.AnyOf(any);
            case SearchExpression.Not not:
                // There must be such a contained resource at all.
                return For(not.Term) is { } inner ? new SearchExpression.And([There, new SearchExpression.Not(inner)]) : There;
            case SearchExpression.Missing missing:
                SearchExpression within = missing with { Shape = Turned(parameters.Shape(type)).Number };
                return missing.IsMissing ? new SearchExpression.And([There, within]) : within;
            case SearchExpression.Body body:
                return (body.Candidates is { } candidates ? For(candidates) : There) is { } narrowed
                    ? new SearchExpression.Body(new ContainedTest(type, body.Test)) { Candidates = narrowed, Parameter = body.Parameter }
                    : null;
            case SearchExpression.Token e:
                return e with { Param = Turned(e.Param) };
            case SearchExpression.Tokens e:
                return e with { Param = Turned(e.Param) };
            case SearchExpression.Displayed e:
                return e with { Param = Turned(e.Param) };
            case SearchExpression.Reference e:
                return e with { Param = Turned(e.Param), Owner = null };
            case SearchExpression.Date e:
                return e with { Param = Turned(e.Param) };
            case SearchExpression.String e:
                return e with { Param = Turned(e.Param) };
            case SearchExpression.Number e:
                return e with { Param = Turned(e.Param) };
            case SearchExpression.Quantity e:
                return e with { Param = Turned(e.Param) };
            case SearchExpression.Uri e:
                return e with { Param = Turned(e.Param) };
            case SearchExpression.Composite e:
                return e with { Param = Turned(e.Param) };
            case SearchExpression.IntegerPair e:
                return e with { Param = Turned(e.Param) };
            case SearchExpression.Chain e:
                return e.Param.Type == type ? e with { Param = Turned(e.Param) } : null;
            default:
                return null; // ids, instants and what refers to it: a contained resource has none of them
        }
    }

    private SearchExpression.Token There => new(Turned(parameters.Shape(type)), null, null);

    private SearchParam Turned(SearchParam own) => parameters.FindContained(reference, own);
}
