using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace FhirEmr.Bench.Load;

/// <summary>
/// One kept-alive HTTP/1.1 connection for GETs. Client and server share the machine's cores in a benchmark: HttpClient costs
/// more CPU per request than a fast server does, and would turn every ratio of reads into a measure of itself.
/// </summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[64 * 1024];
    private int _filled;

    public static async Task<RawConnection> OpenAsync(Uri server, CancellationToken ct)
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(server.Host, server.Port, ct);
        return connection;
    }

    public static byte[] Request(Uri server, string target, string? bearer) => Encoding.ASCII.GetBytes(
        $"GET {target} HTTP/1.1\r\nHost: {server.Authority}\r\nAccept: application/fhir+json\r\n{(bearer is null ? "" : $"Authorization: Bearer {bearer}\r\n")}\r\n");

    /// <returns>Status and bytes of the body.</returns>
    public async ValueTask<(int Status, int BodyBytes)> GetAsync(byte[] request, CancellationToken ct)
    {
        await _socket.SendAsync(request, ct);
        _filled = 0;
        int head;
        while ((head = _buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8)) < 0)
            await ReceiveAsync(ct);
        head += 4;

        var status = int.Parse(Encoding.ASCII.GetString(_buffer, 9, 3), CultureInfo.InvariantCulture);
        if (ContentLength(head) is { } length)
        {
            while (_filled < head + length)
                await ReceiveAsync(ct);
            return (status, length);
        }

        if (status is 204 or 304)
            return (status, 0);
        while (!_buffer.AsSpan(head, _filled - head).EndsWith("0\r\n\r\n"u8)) // chunked: nothing follows the last chunk
            await ReceiveAsync(ct);
        return (status, _filled - head);
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask ReceiveAsync(CancellationToken ct)
    {
        if (_filled == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var got = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), ct);
        if (got == 0)
            throw new IOException("The server closed the connection.");
        _filled += got;
    }

    private int? ContentLength(int head)
    {
        var rest = _buffer.AsSpan(0, head);
        while (rest.IndexOf("\r\n"u8) is var end and > 0)
        {
            var line = rest[..end];
            if (line.Length > 15 && Ascii.EqualsIgnoreCase(line[..15], "content-length:"u8))
                return int.Parse(Encoding.ASCII.GetString(line[15..]), CultureInfo.InvariantCulture);
            rest = rest[(end + 2)..];
        }

        return null;
    }
}
