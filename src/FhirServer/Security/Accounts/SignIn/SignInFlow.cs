using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>From a name or a passkey to a session: password, second factor, step-up (security S-20..S-23).</summary>
internal sealed class SignInFlow(
    AccountsDatabase database, Throttles throttles, Passwords passwords, SecondFactors factors, Passkeys passkeys, AccountSessions sessions, RoleAssignments roles, IOptions<AuthOptions> options,
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

    /// <summary>
    /// Signs in whoever a passkey of this site belongs to. It counts as both factors. A failure counts for the address alone: nobody can guess a passkey, and whoever
    /// knows what one is called must not lock its user out. A name that is locked stays locked for it, too.
    /// </summary>
    public async Task<SignInOutcome> PasskeyAsync(string browser, PasskeyAnswer answer, PasskeySite site, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var addressKey = Throttles.AddressKey(origin.Address);
        if (await throttles.TakeAddressAsync(accounts, addressKey, ct) is { } until)
            return new SignInOutcome.TooMany(until);

        var (account, reason) = await passkeys.VerifyAsync(accounts, PasskeyUse.SignIn, browser, answer, site, ct);
        if (reason is null && account!.IsDisabled)
            reason = "disabled";
        if (reason is null && !await throttles.TakeNameAsync(accounts, Throttles.NameKey(account!.UserName!), ct))
            reason = "locked";
        if (reason is not null)
        {
            await throttles.AddressFailedAsync(accounts, addressKey, ct);
            var name = account?.UserName ?? "";
            await events.RaiseAsync(new(SecurityEventKind.SignInRefused, account?.Id, name, name) { Address = origin.Address, Detail = reason, Succeeded = false }, ct);
            return new SignInOutcome.Refused();
        }

        await Throttles.GiveBackAddressAsync(accounts, addressKey, ct);
        return await SignedInAsync(accounts, account!, clock.GetUtcNow(), origin, ct, "passkey");
    }

    /// <summary>The second step of a session that waits for it; the session of the first step is replaced.</summary>
    public async Task<SignInOutcome> SecondFactorAsync(LiveSession waiting, string code, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        return await ProveAsync(accounts, waiting.Account, code, origin, ct) ?? await SecondFactorProvedAsync(accounts, waiting, origin, ct);
    }

    /// <summary>The second step by one of the user's passkeys.</summary>
    public async Task<SignInOutcome> SecondFactorAsync(LiveSession waiting, PasskeyAnswer answer, PasskeySite site, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        return await ProveAsync(accounts, waiting, answer, site, origin, ct) ?? await SecondFactorProvedAsync(accounts, waiting, origin, ct);
    }

    private async Task<SignInOutcome> SecondFactorProvedAsync(AccountsContext accounts, LiveSession waiting, Origin origin, CancellationToken ct)
    {
        var account = await UserDirectory.FindAsync(accounts, waiting.Account.UserName!, ct);
        await sessions.EndAsync(accounts, account.Id, waiting.Session.Id, ct);
        return await SignedInAsync(accounts, account, clock.GetUtcNow(), origin, ct);
    }

    /// <summary>What the user types to prove once more that it is they who sit there.</summary>
    public async Task<TypedProof> TypedProofAsync(Account account, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        return await TypedProofAsync(accounts, account, ct);
    }

    /// <summary>Proves once more that it is the user who sits there: by what <see cref="TypedProofAsync(Account, CancellationToken)"/> says. Null when proved.</summary>
    public async Task<SignInOutcome?> StepUpAsync(LiveSession live, string typed, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var refusal = await TypedProofAsync(accounts, live.Account, ct) == TypedProof.Password
            ? await CheckAsync(accounts, live.Account, () => IsPasswordAsync(live.Account, typed, ct), () => "wrong password", origin, ct)
            : await ProveAsync(accounts, live.Account, typed, origin, ct);
        return refusal ?? await SteppedUpAsync(accounts, live, origin, ct);
    }

    /// <summary>The same by one of the user's passkeys.</summary>
    public async Task<SignInOutcome?> StepUpAsync(LiveSession live, PasskeyAnswer answer, PasskeySite site, Origin origin, CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        return await ProveAsync(accounts, live, answer, site, origin, ct) ?? await SteppedUpAsync(accounts, live, origin, ct);
    }

    private async Task<SignInOutcome?> SteppedUpAsync(AccountsContext accounts, LiveSession live, Origin origin, CancellationToken ct)
    {
        await sessions.StepUpAsync(accounts, live.Session.Id, ct);
        await events.RaiseAsync(new(SecurityEventKind.StepUp, live.Account.Id, live.Account.UserName, live.Account.UserName!) { Address = origin.Address }, ct);
        return null;
    }

    /// <summary>Whether it is the account's password, counted like every attempt. Null when it is.</summary>
    public Task<SignInOutcome?> CheckPasswordAsync(AccountsContext accounts, Account account, string password, Origin origin, CancellationToken ct) =>
        CheckAsync(accounts, account, () => IsPasswordAsync(account, password, ct), () => "wrong password", origin, ct);

    /// <summary>Whoever has proved the password goes on from here: signed in, or first to the second factor.</summary>
    public async Task<SignInOutcome> ContinueAsync(AccountsContext accounts, Account account, Origin origin, CancellationToken ct)
    {
        var stage = await TypedProofAsync(accounts, account, ct) != TypedProof.Password ? SessionStage.NeedsSecondFactor
            : MustHaveSecondFactor(account) ? SessionStage.NeedsEnrolment
            : SessionStage.SignedIn;
        if (stage == SessionStage.SignedIn)
            return await SignedInAsync(accounts, account, secondFactorAt: null, origin, ct);
        var (secret, live) = await sessions.BeginAsync(accounts, account, stage, isAdministrator: false, secondFactorAt: null, origin.Address, origin.UserAgent, ct);
        return new SignInOutcome.Begun(secret, live);
    }

    /// <summary>Begins the session of somebody who has proved everything.</summary>
    /// <param name="how">For the audit, when it was not with a password.</param>
    public async Task<SignInOutcome.Begun> SignedInAsync(AccountsContext accounts, Account account, DateTimeOffset? secondFactorAt, Origin origin, CancellationToken ct, string? how = null)
    {
        await Throttles.ForgetAsync(accounts, Throttles.NameKey(account.UserName!), ct);
        account.LastSignIn = clock.GetUtcNow();
        var isAdministrator = await roles.IsAdministratorAsync(accounts, account.Id, ct);
        var (secret, live) = await sessions.BeginAsync(accounts, account, SessionStage.SignedIn, isAdministrator, secondFactorAt, origin.Address, origin.UserAgent, ct);
        await events.RaiseAsync(new(SecurityEventKind.SignIn, account.Id, account.UserName, account.UserName!) { Address = origin.Address, Detail = how }, ct);
        return new(secret, live);
    }

    /// <summary>Whether the account may not be without one.</summary>
    public bool MustHaveSecondFactor(Account account) => account.Kind == AccountKind.Staff && options.Value.NeedsSecondFactor;

    /// <remarks>
    /// A patient's passkey is a way of its own beside the password, not a second step after it: who has lost the device could not get in any more. Staff with
    /// nothing but passkeys have recovery codes.
    /// </remarks>
    private async Task<TypedProof> TypedProofAsync(AccountsContext accounts, Account account, CancellationToken ct) =>
        account.AuthenticatorSeed is not null ? TypedProof.Code
        : MustHaveSecondFactor(account) && await Passkeys.AnyAsync(accounts, account.Id, ct) ? TypedProof.RecoveryCode
        : TypedProof.Password;

    private async Task<bool> IsPasswordAsync(Account account, string password, CancellationToken ct) =>
        await passwords.VerifyAsync(account, password, ct) != PasswordVerificationResult.Failed;

    private async Task<SignInOutcome?> ProveAsync(AccountsContext accounts, Account account, string code, Origin origin, CancellationToken ct)
    {
        var factor = SecondFactor.Wrong;
        var refusal = await CheckAsync(accounts, account, async () => (factor = await factors.VerifyAsync(accounts, account, code, ct)) != SecondFactor.Wrong, () => "wrong code", origin, ct);
        if (factor == SecondFactor.RecoveryCode)
            await events.RaiseAsync(new(SecurityEventKind.RecoveryCodeUsed, account.Id, account.UserName, account.UserName!) { Address = origin.Address }, ct);
        return refusal;
    }

    private async Task<SignInOutcome?> ProveAsync(AccountsContext accounts, LiveSession live, PasskeyAnswer answer, PasskeySite site, Origin origin, CancellationToken ct)
    {
        string? fault = null;
        return await CheckAsync(accounts, live.Account, async () => (fault = (await passkeys.VerifyAsync(accounts, PasskeyUse.Proof, live.Session.Id, answer, site, ct)).Fault) is null,
            () => fault!, origin, ct);
    }

    private async Task<SignInOutcome?> CheckAsync(AccountsContext accounts, Account account, Func<Task<bool>> isRight, Func<string> reason, Origin origin, CancellationToken ct)
    {
        var (nameKey, addressKey) = (Throttles.NameKey(account.UserName!), Throttles.AddressKey(origin.Address));
        if (await throttles.TakeAddressAsync(accounts, addressKey, ct) is { } until)
            return new SignInOutcome.TooMany(until);
        var mayTry = await throttles.TakeNameAsync(accounts, nameKey, ct);
        if (!mayTry || !await isRight())
        {
            await FailedAsync(accounts, account, account.UserName!, origin, mayTry ? reason() : "locked", ct);
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

/// <summary>What somebody types to prove that it is they who sit there.</summary>
internal enum TypedProof
{
    Password,

    /// <summary>Of the authenticator; a recovery code stands in for it.</summary>
    Code,

    /// <summary>Where the second factor is a passkey, which is not typed.</summary>
    RecoveryCode,
}
