using System.Globalization;
using System.Security.Cryptography;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>What a passkey is asked to sign, between the question and the answer: sealed, for one use, one holder, five minutes and one answer.</summary>
/// <remarks>
/// The browser carries it. So questions, which anybody may ask for, cost no row; an answer leaves one, whose key decides which of two answers to the same
/// question was first, on whichever node.
/// </remarks>
internal sealed class PasskeyChallenges(IDataProtectionProvider protection, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private const string Client = "passkey"; // no client's: hashes of random ids meet nobody's

    /// <param name="holder">Who may answer: a session, or the browser of somebody who has none.</param>
    public string Seal(PasskeyUse use, string holder, string state) =>
        Of(use, holder).Protect(string.Create(CultureInfo.InvariantCulture, $"{Secret.New()} {(clock.GetUtcNow() + Life).ToUnixTimeMilliseconds()} {state}"));

    /// <summary>The state, which is used up; null when it is another's, expired, or was answered before.</summary>
    public async Task<string?> OpenAsync(AccountsContext accounts, PasskeyUse use, string holder, string challenge, CancellationToken ct)
    {
        string[] parts;
        try
        {
            parts = Of(use, holder).Unprotect(challenge).Split(' ', 3);
        }
        catch (CryptographicException)
        {
            return null;
        }

        var expires = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[1], CultureInfo.InvariantCulture));
        return expires > clock.GetUtcNow() && await UseAsync(accounts, Secret.Hash(parts[0]), expires, ct) ? parts[2] : null;
    }

    private static async Task<bool> UseAsync(AccountsContext accounts, string hash, DateTimeOffset expires, CancellationToken ct)
    {
        if (await accounts.UsedAssertions.AnyAsync(a => a.ClientId == Client && a.JtiHash == hash, ct))
            return false;
        var row = accounts.UsedAssertions.Add(new() { ClientId = Client, JtiHash = hash, Expires = expires });
        try
        {
            await accounts.SaveChangesAsync(ct);
            return true;
        }
        catch (DbUpdateException)
        {
            row.State = EntityState.Detached;
            if (await accounts.UsedAssertions.AnyAsync(a => a.ClientId == Client && a.JtiHash == hash, ct))
                return false;
            throw;
        }
    }

    private IDataProtector Of(PasskeyUse use, string holder) => protection.CreateProtector("FhirEmr.Accounts", "passkey", use.ToString(), holder);
}

/// <summary>What a passkey is asked for; an answer to one question is none to another.</summary>
internal enum PasskeyUse
{
    /// <summary>By nobody yet: whoever holds one of this site.</summary>
    SignIn,

    /// <summary>By whoever has a session, to go on: as the second factor, or to prove once more who sits there.</summary>
    Proof,

    /// <summary>To make one.</summary>
    Creation,
}
