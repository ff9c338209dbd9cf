using System.Data;
using System.Globalization;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.Users;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>What people do with their own passkeys: add, name, remove.</summary>
/// <remarks>As with an authenticator, adding and removing ends all other sessions and takes back what apps hold (security S-16).</remarks>
internal sealed class OwnPasskeys(AccountsDatabase database, Passkeys passkeys, SignInFlow flow, ISecurityEvents events, TimeProvider clock)
{
    public const int MaxName = 60;

    /// <summary>More than anybody's devices; a page that lists them stays a page.</summary>
    private const int Most = 20;

    /// <summary>The account's passkeys, oldest first.</summary>
    public static async Task<IReadOnlyList<AccountPasskey>> ListAsync(AccountsContext accounts, string userId, CancellationToken ct) =>
        [.. (await accounts.Passkeys.AsNoTracking().Where(p => p.UserId == userId).ToListAsync(ct)).OrderBy(p => p.Data.CreatedAt)];

    /// <summary>Keeps the passkey that was made. Recovery codes come with the first second factor of an account that is asked for them; else there are none to show.</summary>
    public async Task<(string? Fault, IReadOnlyList<string> Codes, SignInOutcome.Begun? Begun)> AddAsync(
        LiveSession live, PasskeyAnswer answer, string name, PasskeySite site, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        if (await passkeys.MadeAsync(accounts, live, answer, NameOf(name), site, ct) is not { } made)
            return ("That did not give a passkey that can be used here. Nothing was changed; try again.", [], null);
        var account = await UserDirectory.FindAsync(accounts, live.Account.UserName!, ct);
        IReadOnlyList<string> codes = [];
        await using (var transaction = await accounts.Database.BeginTransactionAsync(IsolationLevel.Serializable, ct))
        {
            if (await accounts.Passkeys.CountAsync(p => p.UserId == account.Id, ct) >= Most)
                return ($"You have {Most} passkeys. Remove one that you do not use any more first.", [], null);
            accounts.Passkeys.Add(made);
            account.TwoFactorEnabled = true;
            UserDirectory.Stamp(account);
            if (account.AuthenticatorSeed is null && flow.MustHaveSecondFactor(account) && await RecoveryCodes.LeftAsync(accounts, account.Id, ct) == 0)
                codes = await RecoveryCodes.ReplaceAsync(accounts, account.Id, clock.GetUtcNow(), ct);
            await accounts.SaveChangesAsync(ct);
            await TokenRevocation.OfUserAsync(accounts, account.Id, ct);
            await events.RaiseAsync(new(SecurityEventKind.PasskeyAdded, account.Id, account.UserName, account.UserName!) { Address = origin.Address, Detail = made.Key }, ct);
            await transaction.CommitAsync(ct);
        }

        return (null, codes, await flow.SignedInAsync(accounts, account, clock.GetUtcNow(), origin, ct));
    }

    /// <summary>The user's passkey of that key; null when it is not theirs.</summary>
    public async Task<AccountPasskey?> FindAsync(LiveSession live, string key, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        return await FindAsync(accounts, live, key, ct);
    }

    public async Task RenameAsync(LiveSession live, string key, string name, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        if (await FindAsync(accounts, live, key, ct) is not { } passkey)
            return;
        passkey.Data.Name = NameOf(name);
        await accounts.SaveChangesAsync(ct);
    }

    /// <summary>Removes it: a new session, or a fault; neither when there was none.</summary>
    public async Task<(string? Fault, SignInOutcome.Begun? Begun)> RemoveAsync(LiveSession live, string key, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var account = await UserDirectory.FindAsync(accounts, live.Account.UserName!, ct);
        await using (var transaction = await accounts.Database.BeginTransactionAsync(IsolationLevel.Serializable, ct))
        {
            if (await FindAsync(accounts, live, key, ct) is not { } passkey)
                return (null, null);
            var isLastFactor = account.AuthenticatorSeed is null && await accounts.Passkeys.CountAsync(p => p.UserId == account.Id, ct) == 1;
            if (isLastFactor && flow.MustHaveSecondFactor(account))
                return ("This is your only second factor. Add another passkey or set up an authenticator app first.", null);
            accounts.Passkeys.Remove(passkey);
            account.TwoFactorEnabled = !isLastFactor;
            UserDirectory.Stamp(account);
            await accounts.SaveChangesAsync(ct);
            await TokenRevocation.OfUserAsync(accounts, account.Id, ct);
            await events.RaiseAsync(new(SecurityEventKind.PasskeyRemoved, account.Id, account.UserName, account.UserName!) { Address = origin.Address, Detail = key }, ct);
            await transaction.CommitAsync(ct);
        }

        return (null, await flow.SignedInAsync(accounts, account, live.Session.SecondFactorAt, origin, ct));
    }

    private string NameOf(string typed)
    {
        var name = new string([.. typed.Where(c => !char.IsControl(c) && !char.IsSurrogate(c))]).Trim();
        return name.Length == 0 ? $"Passkey of {clock.GetUtcNow().ToString("d MMM yyyy", CultureInfo.InvariantCulture)}" : name.Length > MaxName ? name[..MaxName] : name;
    }

    private static async Task<AccountPasskey?> FindAsync(AccountsContext accounts, LiveSession live, string key, CancellationToken ct) =>
        (await accounts.Passkeys.Where(p => p.UserId == live.Account.Id).ToListAsync(ct)).Find(p => p.Key == key);
}
