using Microsoft.AspNetCore.DataProtection;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>Encrypts the seeds of authenticators, each for its account: a seed copied to another row opens nothing (security S-21, S-61).</summary>
internal sealed class AuthenticatorSeeds(IDataProtectionProvider protection)
{
    public byte[] Protect(string userId, byte[] seed) => Of(userId).Protect(seed);

    /// <exception cref="System.Security.Cryptography.CryptographicException">The keys it was encrypted with are gone.</exception>
    public byte[] Unprotect(string userId, byte[] sealedSeed) => Of(userId).Unprotect(sealedSeed);

    private IDataProtector Of(string userId) => protection.CreateProtector("FhirEmr.Accounts", "authenticator", userId);
}
