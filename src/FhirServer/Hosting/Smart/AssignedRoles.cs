using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Hosting.Smart;

/// <summary>Roles that ship with the program, as they are assigned in the accounts.</summary>
internal sealed class AssignedRoles(IDbContextFactory<AccountsContext> accounts, TimeProvider clock) : IRoleBook
{
    public async ValueTask<IReadOnlyList<HeldRole>> HeldByAsync(Principal principal, CancellationToken ct)
    {
        var (kind, subject, now) = (principal.UserId is null ? SubjectKind.Client : SubjectKind.User, principal.UserId ?? principal.ClientId, clock.GetUtcNow());
        await using var database = await accounts.CreateDbContextAsync(ct);
        var assigned = await database.RoleAssignments.AsNoTracking().Where(a => a.SubjectKind == kind && a.Subject == subject).ToListAsync(ct);
        return [.. assigned.Where(a => a.IsInForce(now))
            .Join(BuiltInRoles.List, a => a.RoleName, r => r.Name, (a, r) => new HeldRole(r, a.Organization?[(a.Organization.IndexOf('/') + 1)..], a.MoneyLimitUsd))];
    }
}
