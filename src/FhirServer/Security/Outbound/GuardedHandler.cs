using System.Net;
using System.Net.Sockets;

namespace FhirEmr.FhirServer.Security.Outbound;

/// <summary>Connections to the outside: a name is resolved once, every address it leads to is judged, and the one judged is the one used (security S-76).</summary>
internal static class GuardedHandler
{
    public static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);

    public static SocketsHttpHandler Create(OutboundOptions options)
    {
        var guard = new AddressGuard(options);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = ConnectPatience,
            MaxResponseHeadersLength = 32,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1), // names move
            ConnectCallback = (context, ct) => ConnectAsync(guard, context, ct),
        };
    }

    private static async ValueTask<Stream> ConnectAsync(AddressGuard guard, SocketsHttpConnectionContext context, CancellationToken ct)
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
