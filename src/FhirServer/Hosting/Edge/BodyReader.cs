using System.IO.Compression;
using FhirEmr.FhirServer.Rest;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Reads request bodies: room grows as bytes come, whatever length the client has declared, and all bodies together have a bound.</summary>
internal sealed class BodyReader(IOptions<EdgeOptions> options)
{
    private const int FirstBytes = 128 * 1024;

    /// <summary>Once the first bytes have come, a declared length up to this is believed: an array copied five times over costs the collector more than the reading.</summary>
    private const int Believed = 8 * 1024 * 1024;

    private readonly EdgeOptions limits = options.Value;
    private long inFlight;

    /// <summary>The body as one array of its own: the parsed tree keeps views on it while the request lives. Dispose it when the request ends.</summary>
    public async Task<RequestBytes> ReadAsync(HttpRequest request, int limit, CancellationToken ct)
    {
        if (request.ContentLength > limit)
            return RequestBytes.Refused(TooLarge(limit));
        if (Decoded(request, out var fault) is not { } stream)
            return RequestBytes.Refused(fault!);

        await using var source = stream;
        var isCompressed = stream != request.Body;
        var expected = isCompressed ? FirstBytes : (int)(request.ContentLength ?? FirstBytes);
        var bytes = Array.Empty<byte>();
        var length = 0;
        var reserved = 0L;
        try
        {
            while (true)
            {
                if (length == bytes.Length)
                {
                    var room = length == 0 ? Math.Clamp(expected, 1, FirstBytes) : expected is > FirstBytes and <= Believed && length < expected ? expected : 2 * length;
                    room = Math.Min(room, length < expected ? expected : limit + 1);
                    if (Interlocked.Add(ref inFlight, room - bytes.Length) > limits.BodyBytesInFlight)
                    {
                        Interlocked.Add(ref inFlight, bytes.Length - room);
                        return RequestBytes.Refused(FhirFault.Of(FaultKind.Overloaded, "The server is reading as much as it can hold just now. Send the request again in a moment."));
                    }

                    reserved += room - bytes.Length;
                    var larger = GC.AllocateUninitializedArray<byte>(room);
                    bytes.AsSpan(0, length).CopyTo(larger);
                    bytes = larger;
                }

                var read = await source.ReadAsync(bytes.AsMemory(length), ct);
                if (read == 0)
                    break;
                length += read;
                if (length > limit)
                    return RequestBytes.Refused(TooLarge(limit));
                if (isCompressed && request.ContentLength is { } sent && length / limits.CompressionRatio > sent)
                    return RequestBytes.Refused(FhirFault.Of(FaultKind.TooLarge, $"The body grows more than {limits.CompressionRatio} times when it is decompressed."));
                if (length == request.ContentLength && !isCompressed)
                    break;
            }

            var held = reserved;
            reserved = 0;
            return new(bytes.AsMemory(0, length), null, () => Interlocked.Add(ref inFlight, -held));
        }
        catch (InvalidDataException)
        {
            return RequestBytes.Refused(FhirFault.Of(FaultKind.Invalid, $"The body is not what Content-Encoding says ({request.Headers.ContentEncoding})."));
        }
        finally
        {
            if (reserved > 0)
                Interlocked.Add(ref inFlight, -reserved);
        }
    }

    /// <summary>The body as the client meant it; null, and why, when its encoding is not taken.</summary>
    public Stream? Decoded(HttpRequest request, out FhirFault? fault)
    {
        fault = null;
        var encoding = request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        if (encoding is "" or "identity")
            return request.Body;

        if (limits.RequestCompression)
            switch (encoding)
            {
                case "gzip":
                    return new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true);
                case "br":
                    return new BrotliStream(request.Body, CompressionMode.Decompress, leaveOpen: true);
                case "deflate":
                    return new ZLibStream(request.Body, CompressionMode.Decompress, leaveOpen: true);
            }

        fault = FhirFault.Of(FaultKind.UnsupportedMediaType, limits.RequestCompression
            ? $"Content-Encoding '{encoding}' is not read here: gzip, br and deflate are."
            : $"Content-Encoding '{encoding}' is not read here: send the body uncompressed.");
        return null;
    }

    public static FhirFault TooLarge(long limit) => FhirFault.Of(FaultKind.TooLarge, limit < 1024 * 1024
        ? $"The body is larger than {limit} bytes."
        : $"The body is larger than {limit / (1024 * 1024)} MiB. Split it into several requests; large content goes to [base]/Binary as it is.");
}

/// <summary>A request's body, or why it was not read.</summary>
internal sealed class RequestBytes(ReadOnlyMemory<byte> bytes, FhirFault? fault, Action? release) : IDisposable
{
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public FhirFault? Fault { get; } = fault;

    public static RequestBytes Refused(FhirFault fault) => new(default, fault, null);

    public void Dispose() => release?.Invoke();
}
