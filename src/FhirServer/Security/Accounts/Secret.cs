using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Security.Accounts;

/// <summary>Values that open something for whoever shows them: they are kept as hashes only.</summary>
internal static class Secret
{
    /// <summary>256 random bits in base64url.</summary>
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>SHA-256 in base64url. It needs no salt: nobody can try all secrets of this length.</summary>
    public static string Hash(string secret) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
