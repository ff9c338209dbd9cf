using System.Net;
using System.Net.Sockets;

namespace FhirEmr.FhirServer.Security.Outbound;

/// <summary>
/// The one way out over HTTP: names are resolved once, the address is judged and then used, nothing is followed, and answers are small and soon (security S-76).
/// </summary>
internal sealed class GuardedHttpClient : IDisposable
{
    private const int MostBytes = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly AddressGuard guard;
    private readonly bool allowLoopback;
    private readonly HttpClient http;

    public GuardedHttpClient(OutboundOptions options)
    {
        guard = new AddressGuard(options);
        allowLoopback = options.AllowLoopback;
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = Patience,
            MaxResponseHeadersLength = 32,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1), // names move
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = MostBytes,
        };
    }

    /// <summary>Null when the address may be asked, or a sentence. Said when it is registered and again each time.</summary>
    public string? Fault(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("https" or "http") || address.UserInfo.Length > 0)
            return "It must be an https address without user or password.";
        return address.Scheme == "https" || (allowLoopback && address.IsLoopback) ? null : "It must be https.";
    }

    /// <exception cref="OutboundException">Not reachable, not allowed, or not a plain 200.</exception>
    public async Task<byte[]> GetAsync(Uri address, CancellationToken ct)
    {
        if (Fault(address) is { } fault)
            throw new OutboundException($"{address.GetLeftPart(UriPartial.Path)}: {fault}");
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.Add(new("application/json"));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, ct);
            return response.StatusCode == HttpStatusCode.OK
                ? await response.Content.ReadAsByteArrayAsync(ct)
                : throw new OutboundException($"{address.GetLeftPart(UriPartial.Path)} answered {(int)response.StatusCode}.");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            throw new OutboundException($"{address.GetLeftPart(UriPartial.Path)} gave no answer that can be used.", e);
        }
    }

    public void Dispose() => http.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, ct);
        if (addresses.Length == 0 || !addresses.All(guard.MayReach))
            throw new HttpRequestException("The name leads to an address that this server does not go to.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>Another server could not be asked: a sentence, without what it said.</summary>
internal sealed class OutboundException(string message, Exception? inner = null) : Exception(message, inner);
