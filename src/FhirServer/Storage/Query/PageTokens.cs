using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Continuation tokens: stateless, encrypted, tied to the caller and query they continue, useless when altered or old.</summary>
/// <remarks>
/// AES-256-GCM under a key derived from the store's own secret, so any node of the same store can read them. A sort value in a token is
/// patient data, and a link ends up in logs: nothing of it can be read there. The scope is authenticated, not carried.
/// </remarks>
/// <param name="hash">The store's keyed hash; not called before the first token, when the store has its key.</param>
internal sealed class PageTokens(PageTokens.Secret hash, TimeProvider clock)
{
    public delegate long Secret(ReadOnlySpan<byte> label);

    /// <summary>How long a page may be followed up.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private const int NonceLength = 12, TagLength = 16, TimeLength = 8;
    private const int MaxLength = 16_000;

    private readonly Lazy<byte[]> key = new(() => DeriveKey(hash));

    public string Write(string content, string scope) => Write(content, scope, Lifetime);

    /// <param name="content">What is read again.</param>
    /// <param name="scope">Whose it is, and of what.</param>
    /// <param name="lifetime">How long it can be read.</param>
    public string Write(string content, string scope, TimeSpan lifetime)
    {
        var plain = new byte[TimeLength + Encoding.UTF8.GetByteCount(content)];
        BinaryPrimitives.WriteInt64LittleEndian(plain, (clock.GetUtcNow() + lifetime).ToUnixTimeSeconds());
        Encoding.UTF8.GetBytes(content, plain.AsSpan(TimeLength));

        var token = new byte[NonceLength + plain.Length + TagLength];
        var nonce = token.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key.Value, TagLength);
        aes.Encrypt(nonce, plain, token.AsSpan(NonceLength, plain.Length), token.AsSpan(NonceLength + plain.Length), Encoding.UTF8.GetBytes(scope));
        return Base64Url.EncodeToString(token);
    }

    /// <param name="most">Characters that one may have: as many as an address, unless it comes with a body.</param>
    public PageToken Read(string token, string scope, int most = MaxLength)
    {
        if (token.Length > most || !Base64Url.IsValid(token))
            return PageToken.Foreign;
        var bytes = Base64Url.DecodeFromChars(token);
        var length = bytes.Length - NonceLength - TagLength;
        if (length < TimeLength)
            return PageToken.Foreign;

        var plain = new byte[length];
        try
        {
            using var aes = new AesGcm(key.Value, TagLength);
            aes.Decrypt(bytes.AsSpan(0, NonceLength), bytes.AsSpan(NonceLength, length), bytes.AsSpan(NonceLength + length), plain, Encoding.UTF8.GetBytes(scope));
        }
        catch (CryptographicException)
        {
            return PageToken.Foreign;
        }

        return BinaryPrimitives.ReadInt64LittleEndian(plain) < clock.GetUtcNow().ToUnixTimeSeconds()
            ? PageToken.Old
            : new(Encoding.UTF8.GetString(plain.AsSpan(TimeLength)), false);
    }

    // The store's secret does not leave it; four of its hashes carry as much of it as there is.
    private static byte[] DeriveKey(Secret hash)
    {
        var secret = new byte[32];
        for (var i = 0; i < 4; i++)
            BinaryPrimitives.WriteInt64LittleEndian(secret.AsSpan(i * 8), hash(Encoding.UTF8.GetBytes($"page token key {i}")));
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "page tokens"u8.ToArray());
    }
}

/// <param name="Content">What was written; null when the token is not one of this store, caller and query, or has expired.</param>
internal readonly record struct PageToken(string? Content, bool IsExpired)
{
    public static PageToken Foreign => new(null, false);

    public static PageToken Old => new(null, true);
}
