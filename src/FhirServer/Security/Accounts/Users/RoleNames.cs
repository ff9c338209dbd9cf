using FhirEmr.FhirServer.Security.Access.Roles;

namespace FhirEmr.FhirServer.Security.Accounts.Users;

/// <summary>Roles that mean something to accounts themselves.</summary>
internal static class RoleNames
{
    /// <summary>Roles whose holders administer users: one of them always stays, and their sessions are shorter.</summary>
    public static readonly IReadOnlyList<string> Administrators =
        [.. BuiltInRoles.List.Where(r => r.Permissions.Any(p => p.Interactions.Contains("admin.users"))).Select(r => r.Name)];

    public const string Administrator = "practice-admin";
}
