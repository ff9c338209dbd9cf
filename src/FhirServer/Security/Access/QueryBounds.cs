using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>A search as the caller may ask it: the plan's filter is put beside every type that the search touches, before any SQL is made.</summary>
/// <remarks>
/// Security.md S-31, S-34. The matches and, inside chains and <c>_has</c>, every resource joined on the way satisfy the filter of their own type, so
/// that pages, totals and order come out as if nothing else were stored. What the plan's own filters say is not bounded in turn: they are the server's.
/// </remarks>
internal static class QueryBounds
{
    /// <returns>The very query when there is nothing to bound.</returns>
    /// <exception cref="AccessRefusedException">It searches, joins or orders by what the plan does not open at all.</exception>
    public static SearchQuery Apply(SearchQuery query, AccessPlan access) => Apply(query, access, isFiltered: true);

    /// <summary>The same refusals, and the search without what drops out of it, but no filters: for whoever tests each resource, also on the way, by itself.</summary>
    /// <exception cref="AccessRefusedException">It searches, joins or orders by what the plan does not open at all.</exception>
    public static SearchQuery Unfiltered(SearchQuery query, AccessPlan access) => Apply(query, access, isFiltered: false);

    private static SearchQuery Apply(SearchQuery query, AccessPlan access, bool isFiltered)
    {
        if (access.IsEverything)
            return query;

        IReadOnlyList<string> asked = query.Types.Count == 0 ? ResourceTypes.All : query.Types;
        var allowed = asked.Where(access.CanSearch).ToList();
        if (allowed.Count == 0)
            throw new AccessRefusedException(asked is [var one] ? NoSearch(one) : "You may not search any of these types.");

        var where = Bound(query.Where, access, isFiltered);
        foreach (var key in query.Sort)
            foreach (var type in allowed)
                Check(key.Param with { Type = type }, access, "put in order");
        foreach (var include in query.Includes)
            if (include.Param is { } param)
                Check(param, access, "followed");

        var filter = TypeFilters.Of(allowed, Interaction.Search, access);
        var isWhole = allowed.Count == asked.Count;
        if (filter is null && isWhole && ReferenceEquals(where, query.Where))
            return query;

        // Conditions that were made for several types say less than one of them: what is left over has to say its type.
        if (!isWhole && allowed.Count == 1)
            where = With(where, new SearchExpression.OfType(allowed));
        return query with
        {
            Type = allowed is [var single] ? single : query.Type,
            Types = isWhole ? query.Types : allowed,
            Where = filter is null || !isFiltered ? where : With(where, filter),

            // An estimate is made from what is stored, hidden or not.
            Total = query.Total == TotalMode.Estimate ? TotalMode.Accurate : query.Total,
        };
    }

    /// <summary>Refuses a search that the plan does not allow, and leaves filtering to whoever reads.</summary>
    public static void Check(SearchQuery query, AccessPlan access) => Apply(query, access);

    /// <summary>A condition on resources that are bounded themselves: what it goes through on the way is.</summary>
    /// <exception cref="AccessRefusedException">It asks or joins by what the plan does not open.</exception>
    public static SearchExpression Within(SearchExpression where, AccessPlan access) => access.IsEverything ? where : Bound(where, access, isFiltered: true);

    private static SearchExpression Bound(SearchExpression term, AccessPlan access, bool isFiltered)
    {
        switch (term)
        {
            case SearchExpression.And and:
                return Bound(and.Terms, access, isFiltered) is var all && ReferenceEquals(all, and.Terms) ? and : new SearchExpression.And(all);
            case SearchExpression.Or or:
                var open = Open(or.Terms, access);
                return Bound(open, access, isFiltered) is var any && ReferenceEquals(any, or.Terms) ? or : new SearchExpression.Or(any);
            case SearchExpression.Not not:
                return Bound(not.Term, access, isFiltered) is var inner && ReferenceEquals(inner, not.Term) ? not : new SearchExpression.Not(inner);
            case SearchExpression.Chain chain:
                Check(chain.Param, access, "followed");
                if (!access.CanSearch(chain.TargetType))
                    throw new AccessRefusedException($"'{chain.Param.Code}' of {chain.Param.Type} is followed to {chain.TargetType}: {NoSearch(chain.TargetType)}");
                return Within(chain.TargetType, chain.Target, access, isFiltered) is var target && ReferenceEquals(target, chain.Target) ? chain : chain with { Target = target };
            case SearchExpression.ReverseChain reverse:
                Check(reverse.Param, access, "followed");
                if (!access.CanSearch(reverse.Param.Type))
                    throw new AccessRefusedException($"The search asks what {reverse.Param.Type} refers to: {NoSearch(reverse.Param.Type)}");
                return Within(reverse.Param.Type, reverse.Source, access, isFiltered) is var source && ReferenceEquals(source, reverse.Source) ? reverse : reverse with { Source = source };
            case SearchExpression.Reference { IsHierarchy: true } reference when (reference.Param.Targets.Count == 0 ? ResourceTypes.All : reference.Param.Targets).FirstOrDefault(t => !access.SeesAll(t, Interaction.Search)) is { } part:
                throw new AccessRefusedException($"'{reference.Param.Code}' of {reference.Param.Type} is followed up or down by whoever may search every {part}: what lies between would tell what you may not see.");
            default:
                foreach (var param in ExpressionParameters.Of(term))
                    Check(param, access, "searched");
                return term;
        }
    }

    private static IReadOnlyList<SearchExpression> Bound(IReadOnlyList<SearchExpression> terms, AccessPlan access, bool isFiltered)
    {
        SearchExpression[]? changed = null;
        for (var i = 0; i < terms.Count; i++)
            if (Bound(terms[i], access, isFiltered) is var term && !ReferenceEquals(term, terms[i]))
                (changed ??= [.. terms])[i] = term;
        return changed ?? terms;
    }

    /// <summary>
    /// A chain that names no type goes to each the reference may point at. Those that may not be searched drop out as long as one is left: who named
    /// none is not refused for what others would see.
    /// </summary>
    private static IReadOnlyList<SearchExpression> Open(IReadOnlyList<SearchExpression> terms, AccessPlan access)
    {
        // What belongs to a compartment by an element that is withheld does not show that it does.
        if (access.HasMasks && terms.Any(t => t is SearchExpression.Reference { IsMembership: true }))
            return terms.Any(IsWithheld) ? [.. terms.Where(t => !IsWithheld(t))] : terms;

        bool IsWithheld(SearchExpression term) => term is SearchExpression.Reference { IsMembership: true } way && WithheldParameters.Touches(way.Param, access);
        bool IsClosed(SearchExpression term) => term is SearchExpression.Chain chain && !access.CanSearch(chain.TargetType);
        return terms.Any(IsClosed) && terms.Any(t => t is SearchExpression.Chain { Param.IsContained: false } && !IsClosed(t)) ? [.. terms.Where(t => !IsClosed(t))] : terms;
    }

    private static SearchExpression Within(string type, SearchExpression where, AccessPlan access, bool isFiltered)
    {
        var bound = Bound(where, access, isFiltered);
        return isFiltered && access.Of(type).Where(Interaction.Search) is { } filter ? With(bound, filter) : bound;
    }

    private static SearchExpression.And With(SearchExpression where, SearchExpression filter) =>
        where is SearchExpression.And and ? new([.. and.Terms, filter]) : new([where, filter]);

    private static void Check(Search.Parameters.SearchParam param, AccessPlan access, string what)
    {
        if (access.HasMasks && WithheldParameters.Touches(param, access))
            throw new AccessRefusedException($"'{param.Code}' of {param.Type} cannot be {what}: it reads elements that you may not see.");
    }

    private static string NoSearch(string type) =>
        type == AccessPlan.Binary ? "a Binary is found through what refers to it." : $"you may not search {type}.";
}
