using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Scan;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>Finds what a conditional interaction or reference is about, and what must still be true when it commits.</summary>
/// <remarks>http.html#cond-update, #ccreate. Conditions are always read strictly: an ignored parameter would widen the match.</remarks>
internal sealed class ConditionResolver(IResourceStore store, SearchParser parser)
{
    // A system no resource has used yet gets its number here: a condition without one would find nothing even after another request has
    // stored the match, and its precondition would hold for all of them.
    private readonly SearchParser parser = parser.With(new InterningSymbols(store.Symbols));

    public Task<Condition> ResolveAsync(string type, IReadOnlyList<KeyValuePair<string, string>> parameters, Caller caller, CancellationToken ct) =>
        ResolveAsync(type, parameters, 1, caller, ct);

    /// <param name="most">How many matches the interaction can use; one more is looked for, to know that there are too many.</param>
    public async Task<Condition> ResolveAsync(string type, IReadOnlyList<KeyValuePair<string, string>> parameters, int most, Caller caller, CancellationToken ct)
    {
        if (parameters.Count == 0)
            return new([], null, MatchesEverything(type));

        var parse = await parser.ParseAsync(type, parameters, SearchHandling.Strict, null, ct);
        if (parse is not SearchParse.Parsed parsed)
            return new([], null, SearchRefusal.Of(parse));
        if (parsed.Query.Where is SearchExpression.And { Terms.Count: 0 })
            return new([], null, MatchesEverything(type)); // only parameters such as _count or _format, which choose nothing

        if (BodyTerms.In(parsed.Query.Where))
            return new([], null, OnlyBodies(BodyTerms.NameIn(parsed.Query.Where)));

        // Inside the transaction it is asked again within the same plan.
        var query = parsed.Query with { Count = most + 1, Sort = [], Total = TotalMode.None, Includes = [] };
        var page = await store.SearchAsync(query, caller.Access, ct);
        var precondition = new Precondition(QueryBounds.Apply(query, caller.Access), caller.Access, [.. page.Matches.Select(m => m.Sid)]) { Asked = query.Where };
        return new(page.Matches, precondition, null) { Where = query.Where };
    }

    private static FhirFault MatchesEverything(string type) => FhirFault.Of(FaultKind.PreconditionFailed,
        $"The condition on {type} names no search parameter, so it would match everything.");

    // Inside the transaction nothing but the index can be asked again, and a condition that is not asked again is a race.
    private static FhirFault OnlyBodies(string? parameter) => FhirFault.Of(FaultKind.PreconditionFailed,
        $"{(parameter is null ? "The condition" : $"'{parameter}'")} can only be answered by reading resources one by one, so it cannot guard a write. "
        + "Use parameters that are indexed, such as identifier; for a new search parameter, wait until it is indexed.", code: "not-supported");

    public static FhirFault Several(string type, IReadOnlyList<KeyValuePair<string, string>> parameters) => FhirFault.Of(FaultKind.PreconditionFailed,
        $"The condition {type}?{QueryString.Format(parameters)} matches more than one resource; it must match one at most.", code: "multiple-matches");
}

internal sealed record Condition(IReadOnlyList<StoredResource> Matches, Precondition? Precondition, FhirFault? Fault)
{
    public SearchExpression? Where { get; init; }
}
