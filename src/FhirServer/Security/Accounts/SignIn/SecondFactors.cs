using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>Checks what is typed as a second factor: a code of the authenticator, or a recovery code; either counts once.</summary>
internal sealed class SecondFactors(AuthenticatorSeeds seeds, TimeProvider clock)
{
    public async Task<SecondFactor> VerifyAsync(AccountsContext accounts, Account account, string typed, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var code = typed.Replace(" ", "", StringComparison.Ordinal);
        if (account.AuthenticatorSeed is { } sealedSeed && code.Length == 6)
            return Totp.Match(seeds.Unprotect(account.Id, sealedSeed), code, now) is { } step && await UseAsync(accounts, account.Id, step, ct) ? SecondFactor.Authenticator : SecondFactor.Wrong;
        return await RecoveryCodes.UseAsync(accounts, account.Id, code, now, ct) ? SecondFactor.RecoveryCode : SecondFactor.Wrong;
    }

    /// <summary>Of two requests with the same code the database lets one through.</summary>
    private static async Task<bool> UseAsync(AccountsContext accounts, string userId, long step, CancellationToken ct) =>
        await accounts.Users.Where(a => a.Id == userId && a.AuthenticatorStep < step).ExecuteUpdateAsync(a => a.SetProperty(x => x.AuthenticatorStep, step), ct) > 0;
}

internal enum SecondFactor
{
    Wrong,
    Authenticator,
    RecoveryCode,
}
