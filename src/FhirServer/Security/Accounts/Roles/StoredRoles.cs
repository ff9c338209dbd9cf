using System.Text.Json;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Storage;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.Roles;

/// <summary>Built-in roles and those of the practice, and who holds which, from the accounts' tables.</summary>
internal sealed class StoredRoles(IDbContextFactory<AccountsContext> accounts, TimeProvider clock) : IRoleBook
{
    public async ValueTask<IReadOnlyList<HeldRole>> HeldByAsync(Principal principal, CancellationToken ct)
    {
        var (kind, subject) = principal.UserId is { } user ? (SubjectKind.User, user) : (SubjectKind.Client, principal.ClientId);
        var now = clock.GetUtcNow();
        await using var db = await accounts.CreateDbContextAsync(ct);
        var assigned = await db.RoleAssignments.AsNoTracking()
            .Where(a => a.SubjectKind == kind && a.Subject == subject && a.From <= now && (a.Until == null || a.Until > now)).ToListAsync(ct);

        var held = new List<HeldRole>();
        foreach (var assignment in assigned)
            if (await FindAsync(db, assignment.RoleName, ct) is { } role && RoleInteractions.FaultsOf(role).Count == 0)
                held.Add(new(role, assignment.Organization, assignment.MoneyLimitUsd));
        return held;
    }

    public async Task<RoleDefinition?> FindAsync(string name, CancellationToken ct)
    {
        await using var db = await accounts.CreateDbContextAsync(ct);
        return await FindAsync(db, name, ct);
    }

    public async Task<IReadOnlyList<RoleDefinition>> ListAsync(CancellationToken ct)
    {
        await using var db = await accounts.CreateDbContextAsync(ct);
        return [.. BuiltInRoles.List, .. (await db.Roles.AsNoTracking().OrderBy(r => r.Name).ToListAsync(ct)).Where(r => BuiltIn(r.Name) is null).Select(Read)];
    }

    /// <summary>A stored role that says what this program does not know stops the start: it must not be read as less, nor as more (security.md S-26).</summary>
    public static void Check(IEnumerable<Role> stored)
    {
        foreach (var role in stored.Where(r => BuiltIn(r.Name) is null).Select(Read))
            if (RoleInteractions.FaultsOf(role) is [var fault, ..])
                throw new StorageRefusedException($"The stored role '{role.Name}' cannot be used: {fault} Correct it with the program that wrote it, or revoke it and delete its row.");
    }

    public static RoleDefinition? BuiltIn(string name) => BuiltInRoles.List.FirstOrDefault(r => r.Name == name);

    internal static RoleDefinition Read(Role role) =>
        new(role.Name, role.Name, JsonSerializer.Deserialize<List<Permission>>(role.Permissions, RoleJson.Options) ?? []) { Version = role.Version };

    private static async Task<RoleDefinition?> FindAsync(AccountsContext db, string name, CancellationToken ct) =>
        BuiltIn(name) ?? (await db.Roles.AsNoTracking().FirstOrDefaultAsync(r => r.Name == name, ct) is { } stored ? Read(stored) : null);
}
