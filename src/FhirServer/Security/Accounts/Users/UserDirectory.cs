using System.Data;
using System.Text.RegularExpressions;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.SignIn;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.Users;

/// <summary>What administrators do to accounts: add, disable, reset, unlock (security S-20..S-22).</summary>
internal sealed partial class UserDirectory(AccountsDatabase database, RoleAssignments roles, ISecurityEvents events, TimeProvider clock)
{
    /// <summary>How long a set-up link is good (security S-102).</summary>
    public static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(30);

    /// <exception cref="UserFault">There is no such user.</exception>
    public static async Task<Account> FindAsync(AccountsContext accounts, string userName, CancellationToken ct) =>
        await TryFindAsync(accounts, userName, ct) ?? throw new UserFault($"There is no user '{userName}'. fhir-emr user list shows who there is.");

    public static Task<Account?> TryFindAsync(AccountsContext accounts, string userName, CancellationToken ct)
    {
        var normal = Normal(userName);
        return accounts.Users.FirstOrDefaultAsync(a => a.NormalizedUserName == normal, ct);
    }

    /// <summary>Adds a user, who chooses a password with the link whose token is returned.</summary>
    public async Task<string> AddAsync(NewUser user, string by, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var account = await AddAsync(accounts, user, by, ct);
        await accounts.SaveChangesAsync(ct);
        return await LinkAsync(accounts, account, by, ct);
    }

    /// <summary>Adds a user whose password is known already, as the demo's are; of one who is there it replaces the password. False for the latter.</summary>
    public async Task<bool> AddOrReplaceAsync(NewUser user, string passwordHash, string by, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var known = await TryFindAsync(accounts, user.UserName, ct);
        var account = known ?? await AddAsync(accounts, user, by, ct);
        account.PasswordHash = passwordHash;
        Stamp(account);
        await accounts.SaveChangesAsync(ct);
        return known is null;
    }

    public async Task DisableAsync(string userName, string by, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var account = await FindAsync(accounts, userName, ct);
        await using var transaction = await accounts.Database.BeginTransactionAsync(IsolationLevel.Serializable, ct);
        var wasAdministrator = await roles.IsAdministratorAsync(accounts, account.Id, ct);
        account.IsDisabled = true;
        Stamp(account);
        await accounts.SaveChangesAsync(ct);
        if (wasAdministrator)
            await roles.RefuseWithoutAdministratorAsync(accounts, ct);
        await TokenRevocation.OfUserAsync(accounts, account.Id, ct);
        await events.RaiseAsync(new(SecurityEventKind.AccountDisabled, account.Id, account.UserName, by), ct);
        await transaction.CommitAsync(ct);
    }

    public Task EnableAsync(string userName, string by, CancellationToken ct) => ChangeAsync(userName, SecurityEventKind.AccountEnabled, by, (_, account) =>
    {
        account.IsDisabled = false;
        return Task.CompletedTask;
    }, ct);

    /// <summary>Takes the password away and ends all sessions; the token is that of a link to choose a new one.</summary>
    public async Task<string> ResetPasswordAsync(string userName, string by, CancellationToken ct)
    {
        await ChangeAsync(userName, SecurityEventKind.PasswordChanged, by, (accounts, account) =>
        {
            account.PasswordHash = null;
            Stamp(account);
            return TokenRevocation.OfUserAsync(accounts, account.Id, ct);
        }, ct);
        await using var accounts = database.CreateDbContext();
        return await LinkAsync(accounts, await FindAsync(accounts, userName, ct), by, ct);
    }

    /// <summary>Takes authenticator, passkeys and recovery codes away; a new one is enrolled at the next sign-in.</summary>
    public Task ResetSecondFactorAsync(string userName, string by, CancellationToken ct) => ChangeAsync(userName, SecurityEventKind.SecondFactorChanged, by, async (accounts, account) =>
    {
        account.AuthenticatorSeed = null;
        account.TwoFactorEnabled = false;
        Stamp(account);
        accounts.RecoveryCodes.RemoveRange(await accounts.RecoveryCodes.Where(c => c.UserId == account.Id).ToListAsync(ct));
        accounts.Passkeys.RemoveRange(await accounts.Passkeys.Where(p => p.UserId == account.Id).ToListAsync(ct));
        await TokenRevocation.OfUserAsync(accounts, account.Id, ct);
    }, ct);

    /// <summary>Ends a lockout; false when there was none.</summary>
    public async Task<bool> UnlockAsync(string userName, string by, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var account = await FindAsync(accounts, userName, ct);
        if (!await Throttles.ForgetAsync(accounts, Throttles.NameKey(userName), ct))
            return false;
        await events.RaiseAsync(new(SecurityEventKind.Unlock, account.Id, account.UserName, by), ct);
        return true;
    }

    public async Task<IReadOnlyList<UserLine>> ListAsync(CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var now = clock.GetUtcNow();
        var held = (await accounts.RoleAssignments.AsNoTracking().Where(a => a.SubjectKind == SubjectKind.User && a.From <= now && (a.Until == null || a.Until > now)).ToListAsync(ct))
            .ToLookup(a => a.Subject, a => a.RoleName);
        var locked = (await accounts.Throttles.AsNoTracking().Where(t => t.LockedUntil > now).ToListAsync(ct)).ToDictionary(t => t.Id, t => t.LockedUntil!.Value);
        var passkeys = await accounts.Passkeys.GroupBy(p => p.UserId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        return
        [
            .. (await accounts.Users.AsNoTracking().OrderBy(a => a.NormalizedUserName).ToListAsync(ct)).Select(a => new UserLine(
                a.UserName!, a.DisplayName, a.Kind, a.FhirUser, [.. held[a.Id].Distinct().Order(StringComparer.Ordinal)], a.IsDisabled, a.PasswordHash is not null,
                a.AuthenticatorSeed is not null || passkeys.ContainsKey(a.Id), passkeys.GetValueOrDefault(a.Id), locked.TryGetValue(Throttles.NameKey(a.UserName!), out var until) ? until : null, a.LastSignIn)),
        ];
    }

    /// <summary>Ends every session of the account at its next request.</summary>
    public static void Stamp(Account account)
    {
        account.SecurityStamp = Secret.New();
        account.ConcurrencyStamp = Secret.New();
    }

    private async Task<Account> AddAsync(AccountsContext accounts, NewUser user, string by, CancellationToken ct)
    {
        if (!UserNames().IsMatch(user.UserName))
            throw new UserFault($"'{user.UserName}' cannot be a sign-in name: use 2 to 64 letters, digits and . - _ @, beginning with a letter or digit.");
        if (user.DisplayName.Length is 0 or > 200)
            throw new UserFault("Give the person's name, in 200 characters at most.");
        if (user.FhirUser is { } fhirUser && !IsPerson(fhirUser))
            throw new UserFault($"'{fhirUser}' is no person: give Practitioner/[id], Patient/[id] or RelatedPerson/[id].");
        if (await TryFindAsync(accounts, user.UserName, ct) is not null)
            throw new UserFault($"There is a user '{user.UserName}' already.");

        var account = new Account
        {
            Id = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"),
            UserName = user.UserName,
            NormalizedUserName = Normal(user.UserName),
            DisplayName = user.DisplayName,
            Kind = user.Kind,
            FhirUser = user.FhirUser,
            Created = clock.GetUtcNow(),
        };
        Stamp(account);
        accounts.Users.Add(account);
        await events.RaiseAsync(new(SecurityEventKind.AccountCreated, account.Id, account.UserName, by), ct);
        return account;
    }

    private async Task<string> LinkAsync(AccountsContext accounts, Account account, string by, CancellationToken ct)
    {
        var (token, now) = (Secret.New(), clock.GetUtcNow());
        await accounts.SetUpLinks.Where(l => l.UserId == account.Id || l.Expires < now).ExecuteDeleteAsync(ct);
        accounts.SetUpLinks.Add(new SetUpLink { Id = Secret.Hash(token), UserId = account.Id, Created = now, Expires = now + LinkLife });
        await events.RaiseAsync(new(SecurityEventKind.SetUpLinkIssued, account.Id, account.UserName, by), ct);
        await accounts.SaveChangesAsync(ct);
        return token;
    }

    private async Task ChangeAsync(string userName, SecurityEventKind kind, string by, Func<AccountsContext, Account, Task> change, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var account = await FindAsync(accounts, userName, ct);
        await using var transaction = await accounts.Database.BeginTransactionAsync(ct);
        await change(accounts, account);
        await accounts.SaveChangesAsync(ct);
        await events.RaiseAsync(new(kind, account.Id, account.UserName, by), ct);
        await transaction.CommitAsync(ct);
    }

    private static string Normal(string userName) => userName.Trim().ToUpperInvariant();

    private static bool IsPerson(string reference) =>
        reference.Split('/') is [var type, var id] && type is "Practitioner" or "Patient" or "RelatedPerson" or "Person" && ResourceKey.IsId(id);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._@-]{1,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex UserNames();
}

/// <summary>Who is to be added.</summary>
/// <param name="FhirUser">The person as a resource, if there is one.</param>
internal sealed record NewUser(string UserName, string DisplayName, AccountKind Kind, string? FhirUser);

/// <summary>A user as the list shows it.</summary>
/// <param name="HasSecondFactor">An authenticator or a passkey.</param>
/// <param name="Passkeys">How many.</param>
internal sealed record UserLine(
    string UserName, string DisplayName, AccountKind Kind, string? FhirUser, IReadOnlyList<string> Roles, bool IsDisabled, bool HasPassword, bool HasSecondFactor, int Passkeys,
    DateTimeOffset? LockedUntil, DateTimeOffset? LastSignIn);
