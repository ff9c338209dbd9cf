using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.Users;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>What people do to their own account: choose a password, enrol an authenticator, get recovery codes.</summary>
/// <remarks>Each of these ends all other sessions and takes back what apps hold (security S-16).</remarks>
internal sealed class OwnAccount(
    AccountsDatabase database, Passwords passwords, AuthenticatorSeeds seeds, SignInFlow flow, AccountSessions sessions, ISecurityEvents events, TimeProvider clock)
{
    /// <summary>Whose link it is; null when it is unknown, used or expired.</summary>
    public async Task<Account?> OfLinkAsync(string token, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        return await OfLinkAsync(accounts, token, ct);
    }

    /// <summary>Sets the password that comes with a set-up link, and uses the link up.</summary>
    public async Task<(string? Fault, SignInOutcome? Outcome)> RedeemAsync(string token, string password, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        if (await OfLinkAsync(accounts, token, ct) is not { } account)
            return (null, null);
        if (Passwords.Fault(password, account) is { } fault)
            return (fault, null);

        var (hash, id, now) = (await passwords.HashAsync(password, ct), Secret.Hash(token), clock.GetUtcNow());
        await using (var transaction = await accounts.Database.BeginTransactionAsync(ct))
        {
            if (await accounts.SetUpLinks.Where(l => l.Id == id && l.Used == null && l.Expires > now).ExecuteUpdateAsync(l => l.SetProperty(x => x.Used, now), ct) == 0)
                return (null, null);
            await SetPasswordAsync(accounts, account, hash, origin, ct);
            await transaction.CommitAsync(ct);
        }

        await Throttles.ForgetAsync(accounts, Throttles.NameKey(account.UserName!), ct);
        return (null, await flow.ContinueAsync(accounts, account, origin, ct));
    }

    /// <summary>A new password for the old one. Either a fault, or a refusal of the old one, or a new session.</summary>
    public async Task<(string? Fault, SignInOutcome? Outcome)> ChangePasswordAsync(LiveSession live, string old, string password, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var account = await UserDirectory.FindAsync(accounts, live.Account.UserName!, ct);
        if (await flow.CheckPasswordAsync(accounts, account, old, origin, ct) is { } refusal)
            return (null, refusal);
        if (Passwords.Fault(password, account) is { } fault)
            return (fault, null);
        if (old == password)
            return ("The new password is the old one.", null);

        var hash = await passwords.HashAsync(password, ct);
        await using (var transaction = await accounts.Database.BeginTransactionAsync(ct))
        {
            await SetPasswordAsync(accounts, account, hash, origin, ct);
            await transaction.CommitAsync(ct);
        }

        return (null, await flow.SignedInAsync(accounts, account, live.Session.SecondFactorAt, origin, ct));
    }

    /// <summary>The seed that is being enrolled in the session: a page that is loaded again shows the same one.</summary>
    public async Task<byte[]> PendingSeedAsync(LiveSession live, CancellationToken ct)
    {
        if (live.Session.PendingSeed is { } pending)
            return seeds.Unprotect(live.Account.Id, pending);
        var seed = Totp.NewSeed();
        var sealedSeed = seeds.Protect(live.Account.Id, seed);
        await using var accounts = database.CreateDbContext();
        await accounts.Sessions.Where(s => s.Id == live.Session.Id && s.PendingSeed == null).ExecuteUpdateAsync(s => s.SetProperty(x => x.PendingSeed, sealedSeed), ct);
        return seeds.Unprotect(live.Account.Id, (await accounts.Sessions.Where(s => s.Id == live.Session.Id).Select(s => s.PendingSeed).SingleAsync(ct))!);
    }

    /// <summary>Takes the authenticator whose code is right: recovery codes and a new session; null when the code is wrong.</summary>
    public async Task<(IReadOnlyList<string> Codes, SignInOutcome.Begun Begun)?> EnrolAsync(LiveSession live, string code, Origin origin, CancellationToken ct)
    {
        if (live.Session.PendingSeed is not { } pending
            || Totp.Match(seeds.Unprotect(live.Account.Id, pending), code.Replace(" ", "", StringComparison.Ordinal), clock.GetUtcNow()) is not { } step)
            return null;

        await using var accounts = database.CreateDbContext();
        var account = await UserDirectory.FindAsync(accounts, live.Account.UserName!, ct);
        IReadOnlyList<string> codes;
        await using (var transaction = await accounts.Database.BeginTransactionAsync(ct))
        {
            (account.AuthenticatorSeed, account.AuthenticatorStep, account.TwoFactorEnabled) = (pending, step, true);
            UserDirectory.Stamp(account);
            codes = await RecoveryCodes.ReplaceAsync(accounts, account.Id, clock.GetUtcNow(), ct);
            await accounts.SaveChangesAsync(ct);
            await TokenRevocation.OfUserAsync(accounts, account.Id, ct);
            await events.RaiseAsync(new(SecurityEventKind.SecondFactorChanged, account.Id, account.UserName, account.UserName!) { Address = origin.Address }, ct);
            await transaction.CommitAsync(ct);
        }

        return (codes, await flow.SignedInAsync(accounts, account, clock.GetUtcNow(), origin, ct));
    }

    public async Task<IReadOnlyList<string>> NewRecoveryCodesAsync(LiveSession live, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var codes = await RecoveryCodes.ReplaceAsync(accounts, live.Account.Id, clock.GetUtcNow(), ct);
        await events.RaiseAsync(new(SecurityEventKind.RecoveryCodesChanged, live.Account.Id, live.Account.UserName, live.Account.UserName!) { Address = origin.Address }, ct);
        await accounts.SaveChangesAsync(ct);
        return codes;
    }

    /// <summary>Ends one of the user's sessions: this one by signing out, another from the list.</summary>
    public async Task EndSessionAsync(LiveSession live, string id, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        if (!await sessions.EndAsync(accounts, live.Account.Id, id, ct))
            return;
        var kind = id == live.Session.Id ? SecurityEventKind.SignOut : SecurityEventKind.SessionEnded;
        await events.RaiseAsync(new(kind, live.Account.Id, live.Account.UserName, live.Account.UserName!) { Address = origin.Address }, ct);
    }

    private async Task SetPasswordAsync(AccountsContext accounts, Account account, string hash, Origin origin, CancellationToken ct)
    {
        account.PasswordHash = hash;
        UserDirectory.Stamp(account);
        await accounts.SaveChangesAsync(ct);
        await TokenRevocation.OfUserAsync(accounts, account.Id, ct);
        await events.RaiseAsync(new(SecurityEventKind.PasswordChanged, account.Id, account.UserName, account.UserName!) { Address = origin.Address }, ct);
    }

    private async Task<Account?> OfLinkAsync(AccountsContext accounts, string token, CancellationToken ct)
    {
        var (id, now) = (Secret.Hash(token), clock.GetUtcNow());
        return await accounts.SetUpLinks.Where(l => l.Id == id && l.Used == null && l.Expires > now).Join(accounts.Users, l => l.UserId, a => a.Id, (_, a) => a)
            .FirstOrDefaultAsync(a => !a.IsDisabled, ct);
    }
}
