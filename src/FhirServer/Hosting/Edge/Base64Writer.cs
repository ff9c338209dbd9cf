using System.Buffers;
using System.Buffers.Text;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Writes bytes that come in pieces of any length as one base64 text.</summary>
internal sealed class Base64Writer(Stream output) : IDisposable
{
    private readonly byte[] carry = new byte[3];
    private int carried;
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        var length = Encode(bytes.Span, isLast: false);
        if (length > 0)
            await output.WriteAsync(buffer.AsMemory(0, length), ct);
    }

    /// <summary>Writes what is left, padded.</summary>
    public async Task FinishAsync(CancellationToken ct)
    {
        var length = Encode(default, isLast: true);
        if (length > 0)
            await output.WriteAsync(buffer.AsMemory(0, length), ct);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);

    private int Encode(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var needed = Base64.GetMaxEncodedToUtf8Length(bytes.Length + carried);
        if (buffer.Length < needed)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(needed);
        }

        var written = 0;
        if (carried > 0)
        {
            while (carried < 3 && !bytes.IsEmpty)
            {
                carry[carried++] = bytes[0];
                bytes = bytes[1..];
            }

            if (carried < 3 && !isLast)
                return 0;
            Base64.EncodeToUtf8(carry.AsSpan(0, carried), buffer, out _, out written);
            carried = 0;
        }

        var whole = bytes.Length / 3 * 3;
        Base64.EncodeToUtf8(bytes[..whole], buffer.AsSpan(written), out _, out var more);
        bytes[whole..].CopyTo(carry);
        carried = bytes.Length - whole;
        return written + more;
    }
}
