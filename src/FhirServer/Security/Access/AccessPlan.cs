using System.Collections.Frozen;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>
/// What a caller may see and do, computed once per request and carried into every store call, so that the filter is part of the SQL and pages stay full
/// (security.md S-30, S-31).
/// </summary>
/// <remarks>Immutable. Types that are not named have <see cref="TypeAccess.None"/>: whatever was forgotten is refused.</remarks>
internal sealed class AccessPlan
{
    private static readonly FrozenSet<string> NoElements = [];

    private readonly FrozenDictionary<string, TypeAccess> types;
    private readonly FrozenSet<string> rights;
    private readonly Lazy<FrozenSet<long>> named;
    private readonly Lazy<bool> masks;
    private readonly Lazy<bool> whole;

    /// <param name="key">The same for plans with the same content and for no others; page tokens and kept answers are bound to it.</param>
    /// <param name="rights">Rights beside those on resources, as permissions name them: <c>operation:purge</c>, <c>audit.read</c>, <c>label.write</c>.</param>
    public AccessPlan(string key, IReadOnlyDictionary<string, TypeAccess> types, IEnumerable<string> rights)
    {
        Key = key;
        this.types = types.ToFrozenDictionary(StringComparer.Ordinal);
        this.rights = rights.ToFrozenSet(StringComparer.Ordinal);
        named = new(() => this.types.Values.SelectMany(t => t.Grants).Select(g => g.Where).OfType<SearchExpression>().SelectMany(NamedTargets.In).ToFrozenSet());
        whole = new(() => ResourceTypes.All.All(t => Of(t) is var access && access.SeesAll(Interaction.Read) && access.SeesAll(Interaction.Search)));
        masks = new(() => this.types.Values.Any(t => t.Grants.Any(g => g.Masked.Count > 0)));
    }

    private AccessPlan(string key)
        : this(key, FrozenDictionary<string, TypeAccess>.Empty, [])
    {
    }

    /// <summary>Sees and does nothing: who has not signed in.</summary>
    public static AccessPlan Nothing { get; } = new("-");

    public string Key { get; }

    /// <summary>Why the system works without limits under this plan; null for every caller's.</summary>
    public string? Reason { get; private init; }

    /// <summary>The user or client as a number, by which a Binary knows who stored it (S-38); 0 for nobody.</summary>
    public long Creator { get; init; }

    /// <summary>Names of the roles it was made of, for the audit; rights are in the plan itself.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    public bool IsEverything => Reason is not null;

    /// <summary>Money limits of rights; a right that is not named has none.</summary>
    public FrozenDictionary<string, decimal> LimitsUsd { get; init; } = FrozenDictionary<string, decimal>.Empty;

    /// <summary>Most that one posting by a right may come to, in US dollars; null for no limit. Says nothing about whether the right is held.</summary>
    public decimal? LimitUsd(string right)
    {
        if (IsEverything)
            return null;
        var all = right.StartsWith("operation:", StringComparison.Ordinal) ? "operation:*" : right;
        decimal? most = null;
        foreach (var word in (ReadOnlySpan<string>)(all == right ? [right] : [right, all]))
        {
            if (!rights.Contains(word))
                continue;
            if (!LimitsUsd.TryGetValue(word, out var limit))
                return null;
            most = Math.Max(most ?? 0m, limit);
        }

        return most;
    }

    /// <summary>Whether answers leave elements out anywhere.</summary>
    public bool HasMasks => masks.Value;

    /// <summary>For the list in <see cref="SystemPlans"/> and for nobody else: an architecture test looks for other uses.</summary>
    internal static AccessPlan OfSystem(string name, string reason) => new("*" + name) { Reason = reason };

    public TypeAccess Of(string type) => IsEverything ? TypeAccess.All : types.GetValueOrDefault(type, TypeAccess.None);

    /// <summary>Whether the caller holds a right that is not one on resources (<c>audit.read</c>, <c>operation:purge</c>, …).</summary>
    public bool Holds(string right) =>
        IsEverything || rights.Contains(right) || (right.StartsWith("operation:", StringComparison.Ordinal) && rights.Contains("operation:*"));

    /// <summary>
    /// Whether the interaction reaches every resource of the type and shows it whole: then nothing needs to be asked. Where anything is withheld, resources
    /// of any type may contain some of it.
    /// </summary>
    public bool SeesAll(string type, Interaction interaction) =>
        IsEverything || (!HasMasks && (type != Binary || whole.Value) && Of(type).SeesAll(interaction)); // whoever sees the whole record sees what any of it refers to

    /// <summary>
    /// Whether resources of the type can be found by a search. Which Binary a caller may see hangs on what it belongs to and is decided one by one
    /// (S-38), which no search can express.
    /// </summary>
    public bool CanSearch(string type) => IsEverything || (type != Binary && Of(type).Allows(Interaction.Search));

    /// <summary>
    /// Elements that answers of the interaction leave out. The narrative goes with the first of them, since it says in words what the elements say.
    /// </summary>
    public FrozenSet<string> Withheld(string type, Interaction interaction) =>
        IsEverything || !types.TryGetValue(type, out var access) ? NoElements : access.Withheld(interaction);

    /// <summary>Whether the plan itself names the resource: a patient whose record it opens is no secret to the caller.</summary>
    public bool Names(long sid) => named.Value.Contains(sid);

    internal const string Binary = "Binary";
}
