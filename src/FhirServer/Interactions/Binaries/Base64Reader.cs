using System.Buffers;
using System.Buffers.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Interactions.Binaries;

/// <summary>The content that base64 stands for, decoded as it is read: beside the request's own bytes only a piece of it is in memory.</summary>
internal sealed class Base64Reader(ReadOnlyMemory<byte> base64) : ForwardStream
{
    private readonly byte[] decoded = ArrayPool<byte>.Shared.Rent(48 * 1024);
    private bool isOver;
    private ReadOnlyMemory<byte> rest = base64;
    private ReadOnlyMemory<byte> ready;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (ready.IsEmpty && !rest.IsEmpty)
            Decode();
        var count = Math.Min(buffer.Length, ready.Length);
        ready[..count].CopyTo(buffer);
        ready = ready[count..];
        return new(count);
    }

    protected override void Dispose(bool disposing)
    {
        // A stream may be disposed twice, by who wraps it and by who opened it. An array given back twice is lent to two at once, who write over each other.
        if (disposing && !isOver)
        {
            isOver = true;
            (rest, ready) = (default, default);
            ArrayPool<byte>.Shared.Return(decoded);
        }

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
