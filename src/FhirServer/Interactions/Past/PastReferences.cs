using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>References named in a search of the past: surrogate keys never change, but what is part of what does.</summary>
internal sealed class PastReferences(IReferenceLookup now, IPast past, DateTimeOffset instant, AccessPlan access) : IReferenceLookup
{
    public ValueTask<IReadOnlyList<long>> TargetsAsync(string? type, string idOrUrl, CancellationToken ct) => now.TargetsAsync(type, idOrUrl, ct);

    public async ValueTask<IReadOnlyList<long>?> ClosureAsync(SearchParam partOf, IReadOnlyList<long> sids, bool above, CancellationToken ct)
    {
        var known = sids.ToHashSet();
        for (var frontier = sids; frontier.Count > 0;)
        {
            SearchExpression next = above ? new SearchExpression.ReverseChain(partOf, new SearchExpression.Sids(frontier)) : new SearchExpression.Reference(partOf, frontier);
            var found = await past.SearchAsync(new SearchQuery(partOf.Type, next) { Count = IReferenceLookup.MaxClosure }, instant, access, ct);
            if (found.Next is not null)
                return null;
            frontier = [.. found.Matches.Select(m => m.Sid).Where(known.Add)];
            if (known.Count > IReferenceLookup.MaxClosure)
                return null;
        }

        return [.. known];
    }
}
