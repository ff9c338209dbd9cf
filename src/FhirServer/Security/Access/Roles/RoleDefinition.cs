namespace FhirEmr.FhirServer.Security.Access.Roles;

/// <summary>A named set of permissions (security.md S-26). There is no permission that takes one away: what is not granted is refused.</summary>
/// <param name="Name">Lower case, with hyphens; unique.</param>
/// <param name="Title">The same for people.</param>
internal sealed record RoleDefinition(string Name, string Title, IReadOnlyList<Permission> Permissions)
{
    /// <summary>Counted up by each change; 1 for those that ship with the program.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Ships with the program: it can be copied, not edited.</summary>
    public bool IsBuiltIn { get; init; }
}
