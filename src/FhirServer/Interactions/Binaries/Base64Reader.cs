using System.Buffers;
using System.Buffers.Text;

namespace FhirEmr.FhirServer.Interactions.Binaries;

/// <summary>The content that base64 stands for, decoded as it is read: beside the request's own bytes only a piece of it is in memory.</summary>
internal sealed class Base64Reader(ReadOnlyMemory<byte> base64) : Stream
{
    private readonly byte[] decoded = ArrayPool<byte>.Shared.Rent(48 * 1024);
    private ReadOnlyMemory<byte> rest = base64;
    private ReadOnlyMemory<byte> ready;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (ready.IsEmpty && !rest.IsEmpty)
            Decode();
        var count = Math.Min(buffer.Length, ready.Length);
        ready[..count].CopyTo(buffer);
        ready = ready[count..];
        return new(count);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            ArrayPool<byte>.Shared.Return(decoded);
        base.Dispose(disposing);
    }

    private void Decode()
    {
        var status = Base64.DecodeFromUtf8(rest.Span, decoded, out var consumed, out var written);
        if (status is not (OperationStatus.Done or OperationStatus.DestinationTooSmall) || consumed == 0)
            throw new InvalidDataException("Binary.data was taken for base64 and is not.");
        rest = rest[consumed..];
        ready = decoded.AsMemory(0, written);
    }
}
