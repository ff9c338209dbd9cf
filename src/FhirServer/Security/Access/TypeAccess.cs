using System.Collections.Frozen;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>What a caller may do with resources of one type: the sum of its grants; none means nothing.</summary>
internal sealed class TypeAccess(IReadOnlyList<Grant> grants)
{
    public static TypeAccess All { get; } = new([Grant.Everything]);

    public static TypeAccess None { get; } = new([]);

    public IReadOnlyList<Grant> Grants { get; } = grants;

    /// <summary>Whether the interaction is possible at all, on whichever resources.</summary>
    public bool Allows(Interaction interaction) => Grants.Any(g => g.Interactions.HasFlag(interaction));

    /// <summary>Which resources the interaction may reach: null for all of the type, an empty <see cref="SearchExpression.Or"/> for none.</summary>
    public SearchExpression? Where(Interaction interaction)
    {
        var terms = new List<SearchExpression>();
        foreach (var grant in Grants.Where(g => g.Interactions.HasFlag(interaction)))
        {
            if (grant.Where is null)
                return null;
            terms.Add(grant.Where);
        }

        return terms is [var only] ? only : new SearchExpression.Or(terms);
    }

    /// <summary>
    /// Elements to leave out of what the interaction shows. What one grant shows of all resources another cannot hide; otherwise each hides what it
    /// hides, since a resource may have come in by it.
    /// </summary>
    public FrozenSet<string> Masked(Interaction interaction)
    {
        var reaching = Grants.Where(g => g.Interactions.HasFlag(interaction)).ToList();
        var whole = reaching.Where(g => g.Where is null).ToList();
        return whole.Count > 0
            ? whole.Skip(1).Aggregate(whole[0].Masked.AsEnumerable(), (shared, g) => shared.Intersect(g.Masked)).ToFrozenSet()
            : reaching.SelectMany(g => g.Masked).ToFrozenSet();
    }
}
