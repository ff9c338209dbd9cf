using System.Text.Json;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Access.Scopes;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Security.Accounts.Roles;

/// <summary>Changes to roles and to who holds them, by people who may (security.md S-26, S-27, S-21). The command line of the host is not bound by it.</summary>
internal sealed class RoleAdministration(
    IDbContextFactory<AccountsContext> accounts, StoredRoles roles, ISecurityEvents events, IOptions<AuthOptions> auth, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    public async Task<RoleChange> CreateAsync(Principal by, RoleDefinition role, CancellationToken ct)
    {
        if (await ForbidsAsync(by, "admin.roles", role.Permissions, null, ct) is { } refused)
            return refused;
        if (FaultOf(role) is { } fault)
            return fault;

        await using var db = await accounts.CreateDbContextAsync(ct);
        if (StoredRoles.BuiltIn(role.Name) is not null || await db.Roles.AnyAsync(r => r.Name == role.Name, ct))
            return Refuse(RoleRefusal.Conflict, $"There is a role '{role.Name}' already; choose another name, or update that one.");
        db.Roles.Add(new Role { Name = role.Name, Permissions = Json(role.Permissions), ChangedAt = clock.GetUtcNow(), ChangedBy = NameOf(by) });
        return await SaveAsync(db, by, role with { Version = 1, IsBuiltIn = false }, "created", ct);
    }

    /// <param name="version">The version that the change was made on; null takes whatever is there.</param>
    public async Task<RoleChange> UpdateAsync(Principal by, RoleDefinition role, int? version, CancellationToken ct)
    {
        if (StoredRoles.BuiltIn(role.Name) is not null)
            return Refuse(RoleRefusal.Invalid, $"'{role.Name}' ships with the program and is not edited: create a role of another name with its permissions.");
        if (await ForbidsAsync(by, "admin.roles", role.Permissions, null, ct) is { } refused)
            return refused;
        if ((await roles.HeldByAsync(by, ct)).Any(h => h.Role.Name == role.Name))
            return Refuse(RoleRefusal.Forbidden, $"You hold the role '{role.Name}' yourself; somebody else has to change it.");
        if (FaultOf(role) is { } fault)
            return fault;

        await using var db = await accounts.CreateDbContextAsync(ct);
        if (await db.Roles.FirstOrDefaultAsync(r => r.Name == role.Name, ct) is not { } stored)
            return Refuse(RoleRefusal.NotFound, $"There is no role '{role.Name}'.");
        if (version is { } expected && stored.Version != expected)
            return Refuse(RoleRefusal.Conflict, $"'{role.Name}' is at version {stored.Version}, not {expected}: read it again and repeat the change on top.");

        Keep(db, stored);
        stored.Version++;
        stored.Permissions = Json(role.Permissions);
        stored.ChangedAt = clock.GetUtcNow();
        stored.ChangedBy = NameOf(by);
        return await SaveAsync(db, by, role with { Version = stored.Version, IsBuiltIn = false }, "changed", ct);
    }

    public async Task<RoleChange> DeleteAsync(Principal by, string name, CancellationToken ct)
    {
        if (StoredRoles.BuiltIn(name) is not null)
            return Refuse(RoleRefusal.Invalid, $"'{name}' ships with the program and stays.");
        if (await ForbidsAsync(by, "admin.roles", [], null, ct) is { } refused)
            return refused;

        await using var db = await accounts.CreateDbContextAsync(ct);
        if (await db.Roles.FirstOrDefaultAsync(r => r.Name == name, ct) is not { } stored)
            return Refuse(RoleRefusal.NotFound, $"There is no role '{name}'.");
        var now = clock.GetUtcNow();
        if (await db.RoleAssignments.CountAsync(a => a.RoleName == name && (a.Until == null || a.Until > now), ct) is > 0 and var holders)
            return Refuse(RoleRefusal.Conflict, $"'{name}' is held by {holders} users or clients; revoke it from them first.");

        Keep(db, stored);
        db.Roles.Remove(stored);
        await events.RaiseAsync(new(SecurityEventKind.RoleChanged, by.UserId, by.UserName, NameOf(by)) { Detail = $"{name} deleted" }, ct);
        await db.SaveChangesAsync(ct);
        return new RoleChange.Removed();
    }

    public async Task<RoleChange> AssignAsync(
        Principal by, SubjectKind kind, string subject, string roleName, string? organization, decimal? limitUsd, DateTimeOffset? until, CancellationToken ct)
    {
        if (await roles.FindAsync(roleName, ct) is not { } role)
            return Refuse(RoleRefusal.Invalid, $"There is no role '{roleName}'; GET /admin/roles lists them.");
        if (await ForbidsAsync(by, kind == SubjectKind.User ? "admin.users" : "admin.clients", role.Permissions, organization, ct) is { } refused)
            return refused;
        if (kind == SubjectKind.User && subject == by.UserId)
            return Refuse(RoleRefusal.Forbidden, "Nobody changes their own roles: ask another administrator.");
        if (organization is not null && !organization.StartsWith("Organization/", StringComparison.Ordinal))
            return Refuse(RoleRefusal.Invalid, $"organization is '{organization}'; it is written Organization/[id].");
        if (until <= clock.GetUtcNow())
            return Refuse(RoleRefusal.Invalid, "until lies in the past.");
        if (limitUsd < 0)
            return Refuse(RoleRefusal.Invalid, "limitUsd must not be negative.");

        await using var db = await accounts.CreateDbContextAsync(ct);
        var account = kind == SubjectKind.User ? await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == subject, ct) : null;
        if (kind == SubjectKind.User ? account is null : !await db.ClientProfiles.AnyAsync(c => c.ClientId == subject, ct))
            return Refuse(RoleRefusal.Invalid, $"There is no {(kind == SubjectKind.User ? "user" : "client")} '{subject}'.");
        var assignment = new RoleAssignment
        {
            SubjectKind = kind,
            Subject = subject,
            RoleName = roleName,
            Organization = organization,
            MoneyLimitUsd = limitUsd,
            From = clock.GetUtcNow(),
            Until = until,
            AssignedBy = NameOf(by),
        };
        db.RoleAssignments.Add(assignment);
        await events.RaiseAsync(new(SecurityEventKind.RoleAssigned, kind == SubjectKind.User ? subject : null, account?.UserName ?? subject, NameOf(by)) { Detail = roleName }, ct);
        await db.SaveChangesAsync(ct);
        if (kind == SubjectKind.User)
            await TokenRevocation.OfUserAsync(db, subject, ct);
        return new RoleChange.Assigned(assignment.Id);
    }

    public async Task<RoleChange> RevokeAsync(Principal by, long assignmentId, CancellationToken ct)
    {
        await using var db = await accounts.CreateDbContextAsync(ct);
        var now = clock.GetUtcNow();
        if (await db.RoleAssignments.FirstOrDefaultAsync(a => a.Id == assignmentId && (a.Until == null || a.Until > now), ct) is not { } assignment)
            return Refuse(RoleRefusal.NotFound, $"There is no assignment {assignmentId} in force.");
        if (await ForbidsAsync(by, assignment.SubjectKind == SubjectKind.User ? "admin.users" : "admin.clients", [], null, ct) is { } refused)
            return refused;
        if (assignment.SubjectKind == SubjectKind.User && assignment.Subject == by.UserId)
            return Refuse(RoleRefusal.Forbidden, "Nobody changes their own roles: ask another administrator.");
        if (await IsLastAdministratorAsync(db, assignment, now, ct))
            return Refuse(RoleRefusal.Conflict, "This is the last assignment that lets anybody administer users and roles; give it to somebody else first.");

        assignment.Until = now;
        assignment.RevokedBy = NameOf(by);
        await events.RaiseAsync(new(SecurityEventKind.RoleRevoked, assignment.SubjectKind == SubjectKind.User ? assignment.Subject : null, assignment.Subject, NameOf(by)) { Detail = assignment.RoleName }, ct);
        await db.SaveChangesAsync(ct);
        if (assignment.SubjectKind == SubjectKind.User)
            await TokenRevocation.OfUserAsync(db, assignment.Subject, ct);
        return new RoleChange.Removed();
    }

    private async Task<RoleChange?> ForbidsAsync(Principal by, string right, IEnumerable<Permission> permissions, string? organization, CancellationToken ct)
    {
        var held = await roles.HeldByAsync(by, ct);
        if (by.UserId is null || !SmartScopes.MayUseRights(by.Scopes) || !held.Any(h => h.Role.Permissions.Any(p => p.Interactions.Contains(right))))
            return Refuse(RoleRefusal.Forbidden, $"This needs the right {right}, and a token with the scope {SmartScopes.Rights}.");
        if (auth.Value.NeedsSecondFactor && (by.StepUpAt is not { } proved || proved < clock.GetUtcNow() - Fresh))
            return Refuse(RoleRefusal.StepUp, "Prove your second factor again first: this needs one not older than five minutes.");
        return Delegation.Lacking(held, permissions, organization) is { } lacking ? Refuse(RoleRefusal.Forbidden, $"Nobody grants what they do not hold, and you do not hold: {lacking}.") : null;
    }

    private async Task<bool> IsLastAdministratorAsync(AccountsContext db, RoleAssignment leaving, DateTimeOffset now, CancellationToken ct)
    {
        if (!await AdministersAsync(leaving.RoleName))
            return false;
        var others = await db.RoleAssignments.AsNoTracking()
            .Where(a => a.Id != leaving.Id && a.SubjectKind == SubjectKind.User && a.From <= now && a.Until == null && db.Users.Any(u => u.Id == a.Subject && !u.IsDisabled)).ToListAsync(ct);
        foreach (var name in others.Select(a => a.RoleName).Distinct())
            if (await AdministersAsync(name))
                return false;
        return true;

        async Task<bool> AdministersAsync(string name) =>
            await roles.FindAsync(name, ct) is { } role && role.Permissions.Any(p => p.Interactions.Contains("admin.users")) && role.Permissions.Any(p => p.Interactions.Contains("admin.roles"));
    }

    private async Task<RoleChange> SaveAsync(AccountsContext db, Principal by, RoleDefinition role, string what, CancellationToken ct)
    {
        try
        {
            await events.RaiseAsync(new(SecurityEventKind.RoleChanged, by.UserId, by.UserName, NameOf(by)) { Detail = $"{role.Name} {what}" }, ct);
            await db.SaveChangesAsync(ct);
            return new RoleChange.Done(role);
        }
        catch (DbUpdateException)
        {
            return Refuse(RoleRefusal.Conflict, $"Somebody else changed '{role.Name}' at the same moment; read it again and repeat the change on top.");
        }
    }

    private static RoleChange.Refused? FaultOf(RoleDefinition role) =>
        RoleInteractions.FaultsOf(role) is { Count: > 0 } faults ? Refuse(RoleRefusal.Invalid, string.Join(' ', faults)) : null;

    private static void Keep(AccountsContext db, Role role) => db.RoleVersions.Add(new RoleVersion
    {
        Name = role.Name,
        Version = role.Version,
        Permissions = role.Permissions,
        ChangedAt = role.ChangedAt,
        ChangedBy = role.ChangedBy,
    });

    private static string Json(IReadOnlyList<Permission> permissions) => JsonSerializer.Serialize(permissions, RoleJson.Options);

    private static string NameOf(Principal by) => by.UserName ?? by.UserId ?? by.ClientId;

    private static RoleChange.Refused Refuse(RoleRefusal why, string text) => new(why, text);
}
