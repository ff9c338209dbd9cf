using System.Security.Cryptography;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>Passes on what it reads, and knows how much it was, its hash and how it ended.</summary>
internal sealed class MeasuredStream(Stream inner) : ForwardStream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] last = new byte[4];

    public long Bytes { get; private set; }

    /// <summary>SHA-256 in lower-case hexadecimal; asked for once, at the end.</summary>
    public string Sha256 => Convert.ToHexStringLower(hash.GetHashAndReset());

    /// <summary>The last four bytes: of a gzip file, how long its content is (RFC 1952).</summary>
    public uint Last => System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(last);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        var read = buffer.Span[..count];
        hash.AppendData(read);
        Bytes += count;
        if (count >= last.Length)
            read[^last.Length..].CopyTo(last);
        else if (count > 0)
            ((ReadOnlySpan<byte>)[.. last.AsSpan(count), .. read]).CopyTo(last);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            hash.Dispose();
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
