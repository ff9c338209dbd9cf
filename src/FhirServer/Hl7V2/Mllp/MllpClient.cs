using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace FhirEmr.FhirServer.Hl7V2.Mllp;

/// <summary>Sends a message and waits for its answer, on a connection of its own.</summary>
/// <remarks>Where it goes is the administrator's setting and nothing that came in a request, so private addresses are what is meant.</remarks>
internal static class MllpClient
{
    private const int MostAnswer = 1024 * 1024;
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);

    /// <summary>The answer's bytes.</summary>
    /// <exception cref="IOException">It closed without an answer, or answers what is no MLLP.</exception>
    /// <exception cref="TimeoutException">No answer in time: the message may have been taken in all the same.</exception>
    public static async Task<byte[]> ExchangeAsync(DestinationOptions to, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(ConnectPatience);
        try
        {
            using var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(to.Host, to.Port, patience.Token);
            await using Stream plain = client.GetStream();
            await using var stream = to.Tls ? await SecureAsync(plain, to, patience.Token) : plain;
            patience.CancelAfter(TimeSpan.FromSeconds(to.AnswerSeconds));
            await stream.WriteAsync(MllpFrames.Wrap(message.Span), patience.Token);
            await stream.FlushAsync(patience.Token);
            return await ReadAsync(stream, patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException("There was no answer in time.");
        }
        catch (Exception e) when (e is SocketException or AuthenticationException)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken ct)
    {
        var (frames, bytes, buffer) = (new MllpFrames(MostAnswer), Array.Empty<byte>(), new byte[16 * 1024]);
        while (true)
        {
            var read = await stream.ReadAsync(buffer, ct);
            if (read == 0)
                throw new IOException("The connection was closed without an answer.");
            bytes = [.. bytes, .. buffer.AsSpan(0, read)];
            var rest = new ReadOnlySequence<byte>(bytes);
            switch (frames.Next(ref rest, out var message))
            {
                case MllpRead.Message:
                    return message.ToArray();
                case MllpRead.NeedsMore:
                    bytes = rest.ToArray();
                    break;
                default:
                    throw new IOException("The answer is no MLLP.");
            }
        }
    }

    private static async Task<Stream> SecureAsync(Stream plain, DestinationOptions to, CancellationToken ct)
    {
        var secure = new SslStream(plain);
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = to.Host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, shown, _, errors) => to.Thumbprint is { Length: > 0 } thumbprint
                ? shown is not null && string.Equals(shown.GetCertHashString(HashAlgorithmName.SHA256), thumbprint.Replace(":", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)
                : errors == SslPolicyErrors.None,
        }, ct);
        return secure;
    }
}
