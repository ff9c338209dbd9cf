using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.AspNetCore.Cryptography.KeyDerivation;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>Hashes passwords and says which ones may be chosen (security S-20).</summary>
internal sealed class Passwords : IDisposable
{
    public const int MinLength = 12;
    public const int MaxLength = 256;
    private const int Iterations = 210_000; // OWASP's figure for PBKDF2-HMAC-SHA512, which is Identity's version 3

    private readonly PasswordHasher<Account> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));

    /// <summary>As many at a time as there are processors: a storm of sign-ins waits here, and records are still served.</summary>
    private readonly SemaphoreSlim gate = new(Environment.ProcessorCount);

    private readonly string nobodys = NobodysHash();

    /// <summary>Null when the password may be used; else a sentence that says what to change.</summary>
    public static string? Fault(string password, Account account)
    {
        if (Normal(password) is not { } normal)
            return "The password has characters that are no text.";
        if (normal.Length < MinLength)
            return $"Use at least {MinLength} characters: a few words that do not belong together are easy to keep in mind.";
        if (normal.Length > MaxLength)
            return $"Use at most {MaxLength} characters.";
        if (CommonPasswords.Contains(normal))
            return "That is one of the passwords that are tried first. Choose words that do not belong together.";
        var rest = account.DisplayName.Split(' ').Append(account.UserName ?? "").Where(name => name.Length >= 3).OrderByDescending(name => name.Length)
            .Aggregate(normal, (text, name) => text.Replace(name, "", StringComparison.OrdinalIgnoreCase));
        return rest.Length < MinLength / 2 ? "The password is little more than your name." : null;
    }

    public async Task<string> HashAsync(string password, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            return await Task.Run(() => hasher.HashPassword(null!, Normal(password)!), ct);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Takes the same time for nobody, for an account without a password, and for a wrong password (security S-22).</summary>
    public async Task<PasswordVerificationResult> VerifyAsync(Account? account, string password, CancellationToken ct)
    {
        var known = account?.PasswordHash;
        var typed = password.Length <= MaxLength ? Normal(password) : null;
        await gate.WaitAsync(ct);
        try
        {
            var result = await Task.Run(() => hasher.VerifyHashedPassword(account!, known ?? nobodys, typed ?? ""), ct);
            return known is null || typed is null ? PasswordVerificationResult.Failed : result;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    /// <summary>A hash in Identity's format that no password has: to check against it costs what every check costs.</summary>
    private static string NobodysHash()
    {
        var hash = new byte[13 + 16 + 32]; // header, salt, key
        RandomNumberGenerator.Fill(hash.AsSpan(13));
        hash[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(1), (uint)KeyDerivationPrf.HMACSHA512);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(5), Iterations);
        BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(9), 16);
        return Convert.ToBase64String(hash);
    }

    /// <summary>One form of what may be typed as one character or as two (é); null for lone surrogates.</summary>
    private static string? Normal(string password)
    {
        try
        {
            return password.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
