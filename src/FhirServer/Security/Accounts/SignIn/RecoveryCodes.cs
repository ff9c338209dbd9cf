using System.Security.Cryptography;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>Ten codes that each stand in once for a lost authenticator (security S-21).</summary>
internal static class RecoveryCodes
{
    public const int Count = 10;
    private const int Length = 16; // 80 bits: no need for a slow hash
    private const string Letters = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"; // Crockford's: none that look alike on paper

    /// <summary>Replaces the account's codes; the new ones are returned once and never again. Saved with the context.</summary>
    public static async Task<IReadOnlyList<string>> ReplaceAsync(AccountsContext accounts, string userId, DateTimeOffset now, CancellationToken ct)
    {
        accounts.RecoveryCodes.RemoveRange(await accounts.RecoveryCodes.Where(c => c.UserId == userId).ToListAsync(ct));
        var codes = Enumerable.Range(0, Count).Select(_ => RandomNumberGenerator.GetString(Letters, Length)).ToList();
        accounts.RecoveryCodes.AddRange(codes.Select(code => new RecoveryCode { UserId = userId, Hash = HashOf(userId, code), Created = now }));
        return [.. codes.Select(code => string.Join('-', code.Chunk(4).Select(four => new string(four))))];
    }

    /// <summary>Whether it is one of the account's codes; it is used up by being asked.</summary>
    public static async Task<bool> UseAsync(AccountsContext accounts, string userId, string typed, DateTimeOffset now, CancellationToken ct)
    {
        var code = new string([.. typed.ToUpperInvariant().Replace('O', '0').Replace('I', '1').Replace('L', '1').Where(char.IsAsciiLetterOrDigit)]);
        var hash = HashOf(userId, code);
        return code.Length == Length
            && await accounts.RecoveryCodes.Where(c => c.UserId == userId && c.Hash == hash && c.Used == null).ExecuteUpdateAsync(c => c.SetProperty(x => x.Used, now), ct) > 0;
    }

    public static Task<int> LeftAsync(AccountsContext accounts, string userId, CancellationToken ct) =>
        accounts.RecoveryCodes.CountAsync(c => c.UserId == userId && c.Used == null, ct);

    private static string HashOf(string userId, string code) => Secret.Hash($"{userId} {code}");
}
