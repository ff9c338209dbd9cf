using System.Security.Cryptography;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>Checks what is typed as a second factor: a code of the authenticator, or a recovery code; either counts once.</summary>
internal sealed class SecondFactors(AccountsDatabase database, AuthenticatorSeeds seeds, TimeProvider clock)
{
    public async Task<SecondFactor> VerifyAsync(AccountsContext accounts, Account account, string typed, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var code = typed.Replace(" ", "", StringComparison.Ordinal);
        if (account.AuthenticatorSeed is { } sealedSeed && code.Length == 6)
            return Totp.Match(seeds.Unprotect(account.Id, sealedSeed), code, now) is { } step && await UseAsync(accounts, account.Id, step, ct) ? SecondFactor.Authenticator : SecondFactor.Wrong;
        return await RecoveryCodes.UseAsync(accounts, account.Id, code, now, ct) ? SecondFactor.RecoveryCode : SecondFactor.Wrong;
    }

    /// <summary>Sign-in names of users whose authenticator is lost, because the keys beside the database are not those it was encrypted with.</summary>
    public async Task<IReadOnlyList<string>> UnreadableAsync(CancellationToken ct)
    {
        await using var accounts = database.CreateDbContext();
        var enrolled = await accounts.Users.AsNoTracking().Where(a => a.AuthenticatorSeed != null && !a.IsDisabled).OrderBy(a => a.NormalizedUserName).ToListAsync(ct);
        return [.. enrolled.Where(a => !CanRead(a)).Select(a => a.UserName!)];
    }

    private bool CanRead(Account account)
    {
        try
        {
            return seeds.Unprotect(account.Id, account.AuthenticatorSeed!).Length == Totp.SeedBytes;
        }
        catch (CryptographicException)
        {
            return false;
        }
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
