namespace FhirEmr.FhirServer.Search.Query;

/// <summary>One criterion, read for each of several types, as one condition.</summary>
/// <remarks>
/// Each type has its own parameter numbers, and a resource has rows of its own type only. So leaves can stand side by side without saying
/// their type, and what has the same shape for every type is merged member by member; only where shapes differ do branches name their type.
/// </remarks>
internal static class TypeUnion
{
    public static SearchExpression Of(IReadOnlyList<(string Type, SearchExpression Term)> terms) => Merge([.. terms.Select(t => t.Term)])
        ?? new SearchExpression.Or([.. terms.Select(t => Guarded(t.Type, t.Term))]);

    /// <summary>The condition for resources of the type alone.</summary>
    public static SearchExpression Guarded(string type, SearchExpression term) =>
        IsTyped(term) || (term is SearchExpression.Or or && or.Terms.All(IsTyped)) ? term : new SearchExpression.And([new SearchExpression.OfType([type]), term]);

    private static SearchExpression? Merge(IReadOnlyList<SearchExpression> terms)
    {
        var first = terms[0];
        if (terms.All(t => Same(t, first)))
            return first;
        if (terms.All(IsTyped))
            return new SearchExpression.Or(terms);
        if (terms.All(t => t is SearchExpression.Not))
            return Merge([.. terms.Select(t => ((SearchExpression.Not)t).Term)]) is { } inner ? new SearchExpression.Not(inner) : null;
        if (terms.All(t => t is SearchExpression.Or or && or.Terms.All(IsTyped)))
            return new SearchExpression.Or([.. terms.SelectMany(t => ((SearchExpression.Or)t).Terms)]);
        if (first is SearchExpression.And { Terms: var members } && terms.All(t => t is SearchExpression.And a && a.Terms.Count == members.Count))
        {
            var merged = members.Select((_, i) => Merge([.. terms.Select(t => ((SearchExpression.And)t).Terms[i])])).ToArray();
            return merged.Contains(null) ? null : new SearchExpression.And(merged!);
        }

        return null;
    }

    /// <summary>Rows of the leaf's own parameter decide, so it cannot hold for a resource of another type.</summary>
    private static bool IsTyped(SearchExpression term) => term is SearchExpression.Token or SearchExpression.Reference or SearchExpression.Date
        or SearchExpression.String or SearchExpression.Number or SearchExpression.Quantity or SearchExpression.Uri or SearchExpression.Chain
        or SearchExpression.Tokens or SearchExpression.Displayed or SearchExpression.Composite or SearchExpression.IntegerPair;

    /// <summary>Says the same whatever the type.</summary>
    private static bool Same(SearchExpression a, SearchExpression b) => (a, b) switch
    {
        (SearchExpression.Ids x, SearchExpression.Ids y) => x.Values.SequenceEqual(y.Values),
        (SearchExpression.LastUpdated x, SearchExpression.LastUpdated y) => x == y,
        (SearchExpression.Or { Terms.Count: 0 }, SearchExpression.Or { Terms.Count: 0 }) => true,
        (SearchExpression.Not x, SearchExpression.Not y) => Same(x.Term, y.Term),
        (SearchExpression.Or x, SearchExpression.Or y) => x.Terms.Count == y.Terms.Count && x.Terms.Zip(y.Terms).All(p => Same(p.First, p.Second)),
        _ => ReferenceEquals(a, b),
    };
}
