using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Storage.Commit;

namespace FhirEmr.FhirServer.Interactions.Writing;

/// <summary>The identifiers that a conditional write asks about or brings: plans that share one must not commit at the same time.</summary>
/// <remarks>
/// Two conditions may differ and still be about one resource: "no patient has identifier A" and "none has B", each about to store a patient
/// with both. Neither sees the other's unless they queue up on what they share (reliability R-12). The system is left out, since a search may
/// leave it out. Engines with one writer need none of this.
/// </remarks>
internal static class IdentifierClaims
{
    private const string Code = "identifier";

    public static void AddTo(CommitPlan plan, ResourceIndexer indexer)
    {
        if (plan.Preconditions.Count == 0)
            return;

        foreach (var precondition in plan.Preconditions)
            Asked(precondition.Query.Where, plan.Claims);
        foreach (var write in plan.Writes)
            foreach (var param in indexer.PlanFor(write.Key.Type).Params)
                if (param.Code == Code)
                    foreach (var row in write.Add.Tokens)
                        if (row.Param == param.Number)
                            plan.Claims.Add(Claim(row.Param, row.Hash));
    }

    private static void Asked(SearchExpression expression, SortedSet<long> claims)
    {
        switch (expression)
        {
            case SearchExpression.And and:
                foreach (var term in and.Terms)
                    Asked(term, claims);
                break;
            case SearchExpression.Or or:
                foreach (var term in or.Terms)
                    Asked(term, claims);
                break;
            case SearchExpression.Token { Param: { Code: Code, Number: var number }, Hash: { } hash }:
                claims.Add(Claim(number, hash));
                break;
        }
    }

    private static long Claim(int param, long hash) => unchecked(hash ^ (param * 0x1F3D_5B79_A1C4_E86D));
}
