using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>From a name to a session: password, second factor, step-up (security S-20..S-23).</summary>
internal sealed class SignInFlow(
    AccountsDatabase database, Throttles throttles, Passwords passwords, SecondFactors factors, AccountSessions sessions, RoleAssignments roles, IOptions<AuthOptions> options,
    ISecurityEvents events, TimeProvider clock)
{
    /// <summary>The same answer after the same work for an unknown name, a wrong password, a locked and a disabled account (S-22).</summary>
    public async Task<SignInOutcome> PasswordAsync(string userName, string password, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var (nameKey, addressKey) = (Throttles.NameKey(userName), Throttles.AddressKey(origin.Address));
        if (await throttles.TakeAddressAsync(accounts, addressKey, ct) is { } until)
            return new SignInOutcome.TooMany(until);

        var mayTry = await throttles.TakeNameAsync(accounts, nameKey, ct);
        var account = await UserDirectory.TryFindAsync(accounts, userName, ct);
        var result = await passwords.VerifyAsync(mayTry && account is { IsDisabled: false } ? account : null, password, ct);
        if (result == PasswordVerificationResult.Failed)
        {
            var reason = !mayTry ? "locked" : account is null ? "unknown name" : account.IsDisabled ? "disabled" : "wrong password";
            await FailedAsync(accounts, account, userName, origin, reason, ct);
            return new SignInOutcome.Refused();
        }

        await Throttles.GiveBackAddressAsync(accounts, addressKey, ct);
        if (result == PasswordVerificationResult.SuccessRehashNeeded)
        {
            account!.PasswordHash = await passwords.HashAsync(password, ct);
            await accounts.SaveChangesAsync(ct);
        }

        return await ContinueAsync(accounts, account!, origin, ct);
    }

    /// <summary>The second step of a session that waits for it; the session of the first step is replaced.</summary>
    public async Task<SignInOutcome> SecondFactorAsync(LiveSession waiting, string code, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        if (await ProveAsync(accounts, waiting.Account, code, origin, ct) is { } refusal)
            return refusal;
        var account = await UserDirectory.FindAsync(accounts, waiting.Account.UserName!, ct);
        await sessions.EndAsync(accounts, account.Id, waiting.Session.Id, ct);
        return await SignedInAsync(accounts, account, clock.GetUtcNow(), origin, ct);
    }

    /// <summary>Proves once more that it is the user who sits there: by code, or by password where there is no authenticator. Null when proved.</summary>
    public async Task<SignInOutcome?> StepUpAsync(LiveSession live, string typed, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var refusal = live.Account.AuthenticatorSeed is not null
            ? await ProveAsync(accounts, live.Account, typed, origin, ct)
            : await CheckAsync(accounts, live.Account, () => IsPasswordAsync(live.Account, typed, ct), "wrong password", origin, ct);
        if (refusal is not null)
            return refusal;
        await sessions.StepUpAsync(accounts, live.Session.Id, ct);
        await events.RaiseAsync(new(SecurityEventKind.StepUp, live.Account.Id, live.Account.UserName, live.Account.UserName!) { Address = origin.Address }, ct);
        return null;
    }

    /// <summary>Whether it is the account's password, counted like every attempt. Null when it is.</summary>
    public Task<SignInOutcome?> CheckPasswordAsync(AccountsContext accounts, Account account, string password, Origin origin, CancellationToken ct) =>
        CheckAsync(accounts, account, () => IsPasswordAsync(account, password, ct), "wrong password", origin, ct);

    /// <summary>Whoever has proved the password goes on from here: signed in, or first to the second factor.</summary>
    public async Task<SignInOutcome> ContinueAsync(AccountsContext accounts, Account account, Origin origin, CancellationToken ct)
    {
        var stage = account.AuthenticatorSeed is not null ? SessionStage.NeedsSecondFactor
            : account.Kind == AccountKind.Staff && options.Value.NeedsSecondFactor ? SessionStage.NeedsEnrolment
            : SessionStage.SignedIn;
        if (stage == SessionStage.SignedIn)
            return await SignedInAsync(accounts, account, secondFactorAt: null, origin, ct);
        var (secret, live) = await sessions.BeginAsync(accounts, account, stage, isAdministrator: false, secondFactorAt: null, origin.Address, origin.UserAgent, ct);
        return new SignInOutcome.Begun(secret, live);
    }

    /// <summary>Begins the session of somebody who has proved everything.</summary>
    public async Task<SignInOutcome.Begun> SignedInAsync(AccountsContext accounts, Account account, DateTimeOffset? secondFactorAt, Origin origin, CancellationToken ct)
    {
        await Throttles.ForgetAsync(accounts, Throttles.NameKey(account.UserName!), ct);
        account.LastSignIn = clock.GetUtcNow();
        var isAdministrator = await roles.IsAdministratorAsync(accounts, account.Id, ct);
        var (secret, live) = await sessions.BeginAsync(accounts, account, SessionStage.SignedIn, isAdministrator, secondFactorAt, origin.Address, origin.UserAgent, ct);
        await events.RaiseAsync(new(SecurityEventKind.SignIn, account.Id, account.UserName, account.UserName!) { Address = origin.Address }, ct);
        return new(secret, live);
    }

    private async Task<bool> IsPasswordAsync(Account account, string password, CancellationToken ct) =>
        await passwords.VerifyAsync(account, password, ct) != PasswordVerificationResult.Failed;

    private async Task<SignInOutcome?> ProveAsync(AccountsContext accounts, Account account, string code, Origin origin, CancellationToken ct)
    {
        var factor = SecondFactor.Wrong;
        var refusal = await CheckAsync(accounts, account, async () => (factor = await factors.VerifyAsync(accounts, account, code, ct)) != SecondFactor.Wrong, "wrong code", origin, ct);
        if (factor == SecondFactor.RecoveryCode)
            await events.RaiseAsync(new(SecurityEventKind.RecoveryCodeUsed, account.Id, account.UserName, account.UserName!) { Address = origin.Address }, ct);
        return refusal;
    }

    private async Task<SignInOutcome?> CheckAsync(AccountsContext accounts, Account account, Func<Task<bool>> isRight, string reason, Origin origin, CancellationToken ct)
    {
        var (nameKey, addressKey) = (Throttles.NameKey(account.UserName!), Throttles.AddressKey(origin.Address));
        if (await throttles.TakeAddressAsync(accounts, addressKey, ct) is { } until)
            return new SignInOutcome.TooMany(until);
        var mayTry = await throttles.TakeNameAsync(accounts, nameKey, ct);
        if (!mayTry || !await isRight())
        {
            await FailedAsync(accounts, account, account.UserName!, origin, mayTry ? reason : "locked", ct);
            return new SignInOutcome.Refused();
        }

        await Throttles.GiveBackAddressAsync(accounts, addressKey, ct);
        await Throttles.ForgetAsync(accounts, nameKey, ct);
        return null;
    }

    private async Task FailedAsync(AccountsContext accounts, Account? account, string userName, Origin origin, string reason, CancellationToken ct)
    {
        await throttles.AddressFailedAsync(accounts, Throttles.AddressKey(origin.Address), ct);
        var isLocked = await throttles.NameFailedAsync(accounts, Throttles.NameKey(userName), ct);
        var name = account?.UserName ?? (userName.Length > 64 ? userName[..64] : userName);
        await events.RaiseAsync(new(SecurityEventKind.SignInRefused, account?.Id, name, name) { Address = origin.Address, Detail = reason, Succeeded = false }, ct);
        if (isLocked)
            await events.RaiseAsync(new(SecurityEventKind.Lockout, account?.Id, name, name) { Address = origin.Address, Succeeded = false }, ct);
    }
}
