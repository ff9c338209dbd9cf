using System.Data;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.Users;

/// <summary>Gives and takes roles (security S-26, S-27). Who may do so is for the caller to ask; that an administrator stays is asked here.</summary>
internal sealed class RoleAssignments(AccountsDatabase database, ISecurityEvents events, TimeProvider clock)
{
    /// <summary>Names that can be assigned: the program's own, and those in the table.</summary>
    public static async Task<IReadOnlyList<string>> NamesAsync(AccountsContext accounts, CancellationToken ct) =>
        [.. (await accounts.Roles.AsNoTracking().Select(r => r.Name).ToListAsync(ct)).Union(BuiltInRoles.List.Select(r => r.Name)).Order(StringComparer.Ordinal)];

    /// <summary>Whether the user may administer users now.</summary>
    public Task<bool> IsAdministratorAsync(AccountsContext accounts, string userId, CancellationToken ct) =>
        Administrators(accounts).AnyAsync(a => a.Subject == userId, ct);

    /// <exception cref="UserFault">One of them is no role.</exception>
    public async Task RefuseUnknownAsync(IReadOnlyList<string> roles, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        await RefuseUnknownAsync(accounts, roles, ct);
    }

    /// <summary>Assigns the role to the user; the same role in the same place again changes its limit and times.</summary>
    public async Task AssignToUserAsync(string userName, string role, string? organization, decimal? limitUsd, DateTimeOffset? from, DateTimeOffset? until, string by, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var account = await UserDirectory.FindAsync(accounts, userName, ct);
        await AssignAsync(accounts, SubjectKind.User, account.Id, account, role, organization, limitUsd, from, until, by, ct);
    }

    public async Task AssignToClientAsync(string clientId, string role, string? organization, decimal? limitUsd, DateTimeOffset? from, DateTimeOffset? until, string by, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        if (!await accounts.ClientProfiles.AnyAsync(c => c.ClientId == clientId, ct))
            throw new UserFault($"There is no client '{clientId}'.");
        await AssignAsync(accounts, SubjectKind.Client, clientId, null, role, organization, limitUsd, from, until, by, ct);
    }

    /// <summary>Ends the role's assignments to the user, everywhere or in one organization.</summary>
    public async Task RevokeFromUserAsync(string userName, string role, string? organization, string by, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var account = await UserDirectory.FindAsync(accounts, userName, ct);
        await using var transaction = await accounts.Database.BeginTransactionAsync(IsolationLevel.Serializable, ct); // two administrators cannot take each other's role
        if (await CloseAsync(accounts, SubjectKind.User, account.Id, role, organization, by, ct) == 0)
            throw new UserFault($"'{userName}' does not hold the role '{role}'{(organization is null ? "" : $" for {organization}")}.");
        if (RoleNames.Administrators.Contains(role))
            await RefuseWithoutAdministratorAsync(accounts, ct);
        await TokenRevocation.OfUserAsync(accounts, account.Id, ct);
        await events.RaiseAsync(new(SecurityEventKind.RoleRevoked, account.Id, account.UserName, by) { Detail = role }, ct);
        await transaction.CommitAsync(ct);
    }

    public async Task RevokeFromClientAsync(string clientId, string role, string? organization, string by, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        if (await CloseAsync(accounts, SubjectKind.Client, clientId, role, organization, by, ct) == 0)
            throw new UserFault($"The client '{clientId}' does not hold the role '{role}'.");
        await events.RaiseAsync(new(SecurityEventKind.RoleRevoked, null, null, by) { Detail = $"{role} of client {clientId}" }, ct);
    }

    /// <summary>The roles a user or client holds now.</summary>
    public async Task<IReadOnlyList<RoleAssignment>> HeldAsync(AccountsContext accounts, SubjectKind kind, string subject, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await accounts.RoleAssignments.AsNoTracking().Where(a => a.SubjectKind == kind && a.Subject == subject && a.From <= now && (a.Until == null || a.Until > now))
            .OrderBy(a => a.RoleName).ThenBy(a => a.Id).ToListAsync(ct);
    }

    /// <summary>The roles a user or client holds now.</summary>
    public async Task<IReadOnlyList<RoleAssignment>> HeldByUserAsync(string userName, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        return await HeldAsync(accounts, SubjectKind.User, (await UserDirectory.FindAsync(accounts, userName, ct)).Id, ct);
    }

    public async Task<IReadOnlyList<RoleAssignment>> HeldByClientAsync(string clientId, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        return await HeldAsync(accounts, SubjectKind.Client, clientId, ct);
    }

    /// <summary>Roles there are, with what they are called.</summary>
    public async Task<IReadOnlyList<(string Name, string Title)>> ListAsync(CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var stored = await accounts.Roles.AsNoTracking().ToDictionaryAsync(r => r.Name, r => $"version {r.Version}, changed by {r.ChangedBy}", ct);
        return [.. (await NamesAsync(accounts, ct)).Select(name => (name, BuiltInRoles.List.FirstOrDefault(r => r.Name == name)?.Title ?? stored[name]))];
    }

    /// <summary>Whether an administrator has enrolled, or is about to with a link that still works: without a running server nobody could.</summary>
    public async Task<bool> HasReadyAdministratorAsync(CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var now = clock.GetUtcNow();
        return await Administrators(accounts).Join(accounts.Users, a => a.Subject, u => u.Id, (_, u) => u)
            .AnyAsync(u => !u.IsDisabled && (u.AuthenticatorSeed != null || accounts.Passkeys.Any(p => p.UserId == u.Id) || accounts.SetUpLinks.Any(l => l.UserId == u.Id && l.Used == null && l.Expires > now)), ct);
    }

    /// <summary>Fails when what has been done in the open transaction leaves nobody who could administer users, now and on.</summary>
    public async Task RefuseWithoutAdministratorAsync(AccountsContext accounts, CancellationToken ct)
    {
        if (!await Administrators(accounts).Where(a => a.Until == null).Join(accounts.Users, a => a.Subject, u => u.Id, (_, u) => u).AnyAsync(u => !u.IsDisabled, ct))
            throw new UserFault("That would leave no administrator. Give somebody else the role practice-admin first.");
    }

    private static async Task RefuseUnknownAsync(AccountsContext accounts, IReadOnlyList<string> roles, CancellationToken ct)
    {
        var names = await NamesAsync(accounts, ct);
        if (roles.FirstOrDefault(r => !names.Contains(r)) is { } role)
            throw new UserFault($"There is no role '{role}'{(NearestName.Of(role, names) is { } near ? $"; did you mean '{near}'?" : $": {string.Join(", ", names)}.")}");
    }

    private IQueryable<RoleAssignment> Administrators(AccountsContext accounts)
    {
        var now = clock.GetUtcNow();
        return accounts.RoleAssignments.Where(a => a.SubjectKind == SubjectKind.User && RoleNames.Administrators.Contains(a.RoleName)
            && a.From <= now && (a.Until == null || a.Until > now));
    }

    private async Task AssignAsync(
        AccountsContext accounts, SubjectKind kind, string subject, Account? account, string role, string? organization, decimal? limitUsd, DateTimeOffset? from, DateTimeOffset? until,
        string by, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await RefuseUnknownAsync(accounts, [role], ct);
        if (limitUsd < 0)
            throw new UserFault("A money limit must not be negative.");
        if (until is not null && until <= (from ?? now))
            throw new UserFault("The role would end before it begins.");

        await using var transaction = await accounts.Database.BeginTransactionAsync(ct);
        await CloseAsync(accounts, kind, subject, role, organization, by, ct, onlyThere: true);
        accounts.RoleAssignments.Add(new RoleAssignment
        {
            SubjectKind = kind,
            Subject = subject,
            RoleName = role,
            Organization = organization,
            MoneyLimitUsd = limitUsd,
            From = from ?? now,
            Until = until,
            AssignedBy = by,
        });
        await accounts.SaveChangesAsync(ct);
        if (kind == SubjectKind.User)
        {
            if (RoleNames.Administrators.Contains(role) && until is not null)
                await RefuseWithoutAdministratorAsync(accounts, ct);
            await TokenRevocation.OfUserAsync(accounts, subject, ct);
        }

        await events.RaiseAsync(new(SecurityEventKind.RoleAssigned, account?.Id, account?.UserName, by)
        {
            Detail = role + (organization is null ? "" : $" for {organization}") + (account is null ? $" to client {subject}" : ""),
        }, ct);
        await transaction.CommitAsync(ct);
    }

    /// <param name="onlyThere">Only the assignment of exactly this place; else one without a place closes all.</param>
    private Task<int> CloseAsync(AccountsContext accounts, SubjectKind kind, string subject, string role, string? organization, string by, CancellationToken ct, bool onlyThere = false)
    {
        var now = clock.GetUtcNow();
        return accounts.RoleAssignments.Where(a => a.SubjectKind == kind && a.Subject == subject && a.RoleName == role && (a.Until == null || a.Until > now)
                && ((organization == null && !onlyThere) || a.Organization == organization))
            .ExecuteUpdateAsync(a => a.SetProperty(x => x.Until, now).SetProperty(x => x.RevokedBy, by), ct);
    }
}
