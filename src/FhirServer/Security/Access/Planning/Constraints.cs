using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access.Planning;

/// <summary>Search text of roles and scopes → conditions. What cannot be read grants nothing: it fails closed (S-31).</summary>
internal sealed class Constraints(SearchParser parser)
{
    /// <summary>The condition; null when the type does not have it or it cannot be meant. An empty constraint is <see cref="SearchExpression.And"/> of nothing.</summary>
    public async ValueTask<SearchExpression?> ReadAsync(string type, IReadOnlyList<KeyValuePair<string, string>> constraint, CancellationToken ct)
    {
        if (!constraint.All(p => IsAllowed(p.Key)))
            return null;
        var parse = await parser.ParseAsync(type, constraint, SearchHandling.Strict, baseUrl: null, ct);
        return parse is SearchParse.Parsed { Warnings.Count: 0, Contained: null } parsed && parsed.Query is { Includes.Count: 0, Sort.Count: 0 } ? parsed.Query.Where : null;
    }

    public ValueTask<SearchExpression?> ReadAsync(string type, string constraint, CancellationToken ct) => ReadAsync(type, QueryString.Parse(constraint), ct);

    /// <summary>No chain, no <c>_has</c>, no modifier but <c>:in</c>, nothing that shapes a result instead of choosing it (S-25).</summary>
    private static bool IsAllowed(string name)
    {
        var colon = name.IndexOf(':');
        var code = colon < 0 ? name : name[..colon];
        return !code.Contains('.') && (colon < 0 || name[colon..] == ":in")
            && (code.Length == 0 || code[0] != '_' || code is "_tag" or "_security" or "_profile" or "_source" or "_id" or "_lastUpdated");
    }
}
