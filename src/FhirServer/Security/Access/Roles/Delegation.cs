namespace FhirEmr.FhirServer.Security.Access.Roles;

/// <summary>Whether somebody may hand a permission on: only what they hold themselves, as wide at most (security.md S-27).</summary>
internal static class Delegation
{
    /// <summary>The first thing in the permissions that the holder lacks; null when they hold all of it.</summary>
    public static string? Lacking(IReadOnlyList<HeldRole> held, IEnumerable<Permission> permissions, string? organization = null)
    {
        foreach (var permission in permissions)
            foreach (var word in permission.Interactions)
                if (!held.Any(h => (h.Organization is null || h.Organization == organization) && h.Role.Permissions.Any(p => Covers(p, h.LimitUsd, permission, word))))
                    return permission.Type == "*" && RoleInteractions.IsRight(word) ? word : $"{word} on {(permission.Type == "*" ? "every type" : permission.Type)}{Narrowed(permission)}";
        return null;
    }

    private static bool Covers(Permission own, decimal? ownLimit, Permission asked, string word) =>
        (own.Type == "*" || own.Type == asked.Type)
        && (own.Interactions.Contains(word) || (word.StartsWith("operation:", StringComparison.Ordinal) && own.Interactions.Contains("operation:*")))
        && (own.Where is null || own.Where == asked.Where)
        && (own.Compartment is null || own.Compartment == asked.Compartment)
        && Shows(own, asked)
        && (Least(own.LimitUsd, ownLimit) is not { } limit || asked.LimitUsd <= limit);

    private static bool Shows(Permission own, Permission asked) => own switch
    {
        { Include: { } shown } => asked.Include is { } include && include.All(shown.Contains),
        { Mask: { } hidden } => asked.Include is { } include ? !include.Any(hidden.Contains) : asked.Mask is { } mask && hidden.All(mask.Contains),
        _ => true,
    };

    private static decimal? Least(decimal? one, decimal? other) => one is { } a && other is { } b ? Math.Min(a, b) : one ?? other;

    private static string Narrowed(Permission permission) =>
        (permission.Where is null ? "" : $" where {permission.Where}") + (permission.Compartment is null ? "" : $" ({permission.Compartment})");
}
