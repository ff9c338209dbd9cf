using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Security.Encryption;

/// <summary>A key that encrypts keys only (AES-256-GCM). Its id says which one it is and nothing about it.</summary>
internal sealed class KeyEncryptionKey
{
    public const int Length = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[] key;

    public KeyEncryptionKey(byte[] key)
    {
        this.key = key;
        Id = Convert.ToHexStringLower(HMACSHA256.HashData(key, "fhir-emr key-encryption key"u8)[..8]);
    }

    public string Id { get; }

    public string Text => Convert.ToBase64String(key);

    public static KeyEncryptionKey New() => new(RandomNumberGenerator.GetBytes(Length));

    /// <summary>Null when the text is no key.</summary>
    public static KeyEncryptionKey? Parse(string text)
    {
        var bytes = new byte[Length];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var length) && length == Length ? new(bytes) : null;
    }

    /// <param name="name">What is wrapped: it cannot be passed off as anything else.</param>
    public byte[] Wrap(ReadOnlySpan<byte> secret, string name)
    {
        var wrapped = new byte[NonceLength + TagLength + secret.Length];
        var nonce = wrapped.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce); // random is enough for the few keys one key wraps (NIST SP 800-38D, 8.3)
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, secret, wrapped.AsSpan(NonceLength + TagLength), wrapped.AsSpan(NonceLength, TagLength), Encoding.UTF8.GetBytes(name));
        return wrapped;
    }

    /// <exception cref="CryptographicException">It was changed, or wrapped by another key or under another name.</exception>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string name)
    {
        if (wrapped.Length < NonceLength + TagLength)
            throw new CryptographicException("A wrapped key is cut off.");
        var secret = new byte[wrapped.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(wrapped[..NonceLength], wrapped[(NonceLength + TagLength)..], wrapped[NonceLength..(NonceLength + TagLength)], secret, Encoding.UTF8.GetBytes(name));
        return secret;
    }
}
