using System.Collections.Frozen;
using System.Numerics;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>What a caller may do with resources of one type: the sum of its grants; none means nothing.</summary>
internal sealed class TypeAccess(IReadOnlyList<Grant> grants)
{
    private const string Narrative = "text";

    private readonly Reach?[] reaches = new Reach?[32];

    public static TypeAccess All { get; } = new([Grant.Everything]);

    public static TypeAccess None { get; } = new([]);

    public IReadOnlyList<Grant> Grants { get; } = grants;

    /// <summary>Whether the interaction is possible at all, on whichever resources.</summary>
    public bool Allows(Interaction interaction) => Of(interaction).IsAllowed;

    /// <summary>Which resources the interaction may reach: null for all of the type, an empty <see cref="SearchExpression.Or"/> for none.</summary>
    public SearchExpression? Where(Interaction interaction) => Of(interaction).Where;

    /// <summary>
    /// Elements to leave out of what the interaction shows. What one grant shows of all resources another cannot hide; otherwise each hides what it
    /// hides, since a resource may have come in by it.
    /// </summary>
    public FrozenSet<string> Masked(Interaction interaction) => Of(interaction).Masked;

    /// <summary>The same with the narrative, which would tell them in words.</summary>
    public FrozenSet<string> Withheld(Interaction interaction) => Of(interaction).Withheld;

    /// <summary>Whether the interaction reaches all of the type and shows it whole.</summary>
    public bool SeesAll(Interaction interaction) => Of(interaction) is { IsAllowed: true, Where: null, Masked.Count: 0 };

    private Reach Of(Interaction interaction) => BitOperations.IsPow2((int)interaction)
        ? reaches[BitOperations.TrailingZeroCount((int)interaction)] ??= Work(interaction)
        : Work(interaction);

    private Reach Work(Interaction interaction)
    {
        var reaching = Grants.Where(g => g.Interactions.HasFlag(interaction)).ToList();
        var whole = reaching.FindAll(g => g.Where is null);
        var masked = whole.Count > 0
            ? whole.Skip(1).Aggregate(whole[0].Masked.AsEnumerable(), (shared, g) => shared.Intersect(g.Masked)).ToFrozenSet()
            : reaching.SelectMany(g => g.Masked).ToFrozenSet();
        var where = whole.Count > 0 ? null : reaching is [{ Where: { } only }] ? only : new SearchExpression.Or([.. reaching.Select(g => g.Where!)]);
        return new(reaching.Count > 0, where, masked, masked.Count == 0 ? masked : masked.Append(Narrative).ToFrozenSet());
    }

    private sealed record Reach(bool IsAllowed, SearchExpression? Where, FrozenSet<string> Masked, FrozenSet<string> Withheld);
}
