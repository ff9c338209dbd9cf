using System.Collections.Frozen;

namespace FhirEmr.FhirServer.Security.Access;

/// <summary>
/// What a caller may see and do, computed once per request and carried into every store call, so that the filter is part of the SQL and pages stay full
/// (security.md S-30, S-31).
/// </summary>
/// <remarks>Immutable. Types that are not named have <see cref="TypeAccess.None"/>: whatever was forgotten is refused.</remarks>
internal sealed class AccessPlan
{
    private readonly FrozenDictionary<string, TypeAccess> types;
    private readonly FrozenSet<string> rights;

    /// <param name="key">The same for plans with the same content and for no others; page tokens and kept answers are bound to it.</param>
    /// <param name="rights">Rights beside those on resources, as permissions name them: <c>operation:purge</c>, <c>audit.read</c>, <c>label.write</c>.</param>
    public AccessPlan(string key, IReadOnlyDictionary<string, TypeAccess> types, IEnumerable<string> rights)
    {
        Key = key;
        this.types = types.ToFrozenDictionary(StringComparer.Ordinal);
        this.rights = rights.ToFrozenSet(StringComparer.Ordinal);
    }

    private AccessPlan(string key)
        : this(key, FrozenDictionary<string, TypeAccess>.Empty, [])
    {
    }

    /// <summary>Sees the whole store: the system itself.</summary>
    public static AccessPlan Everything { get; } = new("*");

    /// <summary>Sees and does nothing: who has not signed in.</summary>
    public static AccessPlan Nothing { get; } = new("-");

    public string Key { get; }

    public bool IsEverything => ReferenceEquals(this, Everything);

    public TypeAccess Of(string type) => IsEverything ? TypeAccess.All : types.GetValueOrDefault(type, TypeAccess.None);

    /// <summary>Whether the caller holds a right that is not one on resources (<c>audit.read</c>, <c>operation:purge</c>, …).</summary>
    public bool Holds(string right) => IsEverything || rights.Contains(right);
}
