using System.Buffers.Binary;
using System.Security.Cryptography;

namespace FhirEmr.FhirServer.Security.Encryption;

/// <summary>Encrypts one content piece by piece, so that any piece opens without the others and none can change its place (AES-256-GCM).</summary>
/// <remarks>
/// Each content has a key of its own, derived from a data key and a random salt (HKDF-SHA256). So the nonce is the piece's number and can never
/// meet another text under the same key. Content, number and "this is the last" are authenticated: pieces cannot be swapped, moved or cut off.
/// </remarks>
internal sealed class ContentCipher : IDisposable
{
    private const int TagLength = 16;

    private readonly AesGcm aes;
    private readonly long content;

    public ContentCipher(DataKey key, ContentEnvelope envelope, long content)
    {
        Span<byte> own = stackalloc byte[KeyEncryptionKey.Length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Key, own, Convert.FromHexString(envelope.Salt), "fhir-emr content"u8);
        aes = new AesGcm(own, TagLength);
        CryptographicOperations.ZeroMemory(own);
        this.content = content;
    }

    /// <summary>The encrypted piece and its tag.</summary>
    public byte[] Seal(ReadOnlySpan<byte> piece, int ordinal, bool isLast)
    {
        var stored = new byte[piece.Length + TagLength];
        Span<byte> nonce = stackalloc byte[12], place = stackalloc byte[13];
        Place(ordinal, isLast, nonce, place);
        aes.Encrypt(nonce, piece, stored.AsSpan(0, piece.Length), stored.AsSpan(piece.Length), place);
        return stored;
    }

    /// <exception cref="CryptographicException">It is not what was stored in this place.</exception>
    public byte[] Open(ReadOnlySpan<byte> stored, int ordinal, bool isLast)
    {
        if (stored.Length < TagLength)
            throw new CryptographicException("A piece is cut off.");
        var piece = new byte[stored.Length - TagLength];
        Span<byte> nonce = stackalloc byte[12], place = stackalloc byte[13];
        Place(ordinal, isLast, nonce, place);
        aes.Decrypt(nonce, stored[..piece.Length], stored[piece.Length..], piece, place);
        return piece;
    }

    public void Dispose() => aes.Dispose();

    private void Place(int ordinal, bool isLast, Span<byte> nonce, Span<byte> place)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt32BigEndian(nonce[8..], ordinal);
        BinaryPrimitives.WriteInt64BigEndian(place, content);
        BinaryPrimitives.WriteInt32BigEndian(place[8..], ordinal);
        place[12] = isLast ? (byte)1 : (byte)0;
    }
}

/// <summary>How a content is encrypted, as its pointer tells: version of the way, data key, salt.</summary>
internal sealed record ContentEnvelope(string KeyId, string Salt)
{
    private const string Version = "1";

    public string Text => $"{Version}-{KeyId}-{Salt}";

    public static ContentEnvelope New(DataKey key) => new(key.Id, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));

    /// <summary>Null for a way this program does not know.</summary>
    public static ContentEnvelope? Parse(string text) =>
        text.Split('-') is [Version, { Length: > 0 } key, { Length: 32 } salt] && salt.All(char.IsAsciiHexDigitLower) ? new(key, salt) : null;
}
