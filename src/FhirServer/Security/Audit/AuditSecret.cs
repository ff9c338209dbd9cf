using System.Buffers.Binary;
using System.Security.Cryptography;

namespace FhirEmr.FhirServer.Security.Audit;

/// <summary>The keys of a stretch of the audit: one that rows and seals are chained with, one that signs checkpoints.</summary>
/// <param name="Name">Name of the file it lies in, without extension; seals name it.</param>
/// <param name="Chain">32 random bytes.</param>
/// <param name="Signing">ECDSA P-256, PKCS#8.</param>
internal sealed record AuditSecret(string Name, byte[] Chain, byte[] Signing)
{
    public const int MacLength = 32;

    private Storage.Symbols.KeyedHash? postings;
    private Storage.Symbols.KeyedHash? journal;

    public static AuditSecret New(string name)
    {
        using var signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(name, RandomNumberGenerator.GetBytes(32), signing.ExportPkcs8PrivateKey());
    }

    /// <summary>Binds the bytes of a row to its key: neither can be changed, and no row made, without the secret.</summary>
    public byte[] MacOf(long number, ReadOnlySpan<byte> body)
    {
        var length = 12 + body.Length;
        byte[]? rented = null;
        var text = length <= 2048 ? stackalloc byte[length] : (rented = System.Buffers.ArrayPool<byte>.Shared.Rent(length)).AsSpan(0, length);
        "row\n"u8.CopyTo(text);
        BinaryPrimitives.WriteInt64LittleEndian(text[4..], number);
        body.CopyTo(text[12..]);
        var mac = HMACSHA256.HashData(Chain, text);
        if (rented is not null)
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        return mac;
    }

    public bool IsMac(long number, ReadOnlySpan<byte> body, ReadOnlySpan<byte> mac) => CryptographicOperations.FixedTimeEquals(MacOf(number, body), mac);

    /// <summary>Tells a whole row of the journal from anything else; what the table holds for years has <see cref="MacOf"/>.</summary>
    public long JournalCode(ReadOnlySpan<byte> row) => (journal ??= KeyedBy("journal\n"u8)).Of(row);

    /// <summary>A code of what is filed under one term of a segment; it is told to nobody, only their sum goes into the code of the segment.</summary>
    public long PostingCode(long term, long last, ReadOnlySpan<byte> positions)
    {
        var text = positions.Length <= 1024 ? stackalloc byte[16 + positions.Length] : new byte[16 + positions.Length];
        BinaryPrimitives.WriteInt64LittleEndian(text, term);
        BinaryPrimitives.WriteInt64LittleEndian(text[8..], last);
        positions.CopyTo(text[16..]);
        return (postings ??= KeyedBy("postings\n"u8)).Of(text);
    }

    public byte[] Sign(ReadOnlySpan<byte> text)
    {
        using var signing = ECDsa.Create();
        signing.ImportPkcs8PrivateKey(Signing, out _);
        return signing.SignData(text, HashAlgorithmName.SHA256);
    }

    public bool IsSigned(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        using var signing = ECDsa.Create();
        signing.ImportPkcs8PrivateKey(Signing, out _);
        return signing.VerifyData(text, signature, HashAlgorithmName.SHA256);
    }

    private Storage.Symbols.KeyedHash KeyedBy(ReadOnlySpan<byte> purpose) => new(BinaryPrimitives.ReadUInt128LittleEndian(HMACSHA256.HashData(Chain, purpose)));
}
