using System.Net;
using FhirEmr.FhirServer.Security.Smart;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Smart;

/// <summary>The address in tokens: <c>Server:BaseUrl</c>; without one, on this machine only, the first address the server listens on.</summary>
/// <param name="server">Null for a command beside the server: then <c>urls</c> tells where that one listens.</param>
internal sealed class ServerIdentity(IOptions<ServerOptions> options, IConfiguration configuration, IServer? server = null) : IServerIdentity
{
    private readonly Lazy<Uri> issuer = new(() => Read(options.Value, configuration, server)); // ports are known once the server has started

    public Uri Issuer => issuer.Value;

    public string FhirBase => Issuer.AbsoluteUri.TrimEnd('/') + FhirEndpoint.BasePath;

    public bool IsFhirBase(string? audience)
    {
        if (audience is null)
            return false;
        var given = audience.EndsWith('/') ? audience[..^1] : audience;
        if (given == FhirBase)
            return true;

        // Unless it has been given a name, this machine has several, and HostGuard lets nobody else in.
        return options.Value.BaseUrl.Length == 0 && Uri.TryCreate(given, UriKind.Absolute, out var url) && IsThisMachine(url.Host) && IsThisMachine(Issuer.Host)
            && url.Scheme == Issuer.Scheme && url.Port == Issuer.Port && given.EndsWith(url.Authority + FhirEndpoint.BasePath, StringComparison.Ordinal);
    }

    private static Uri Read(ServerOptions options, IConfiguration configuration, IServer? server)
    {
        var configured = options.BaseUrl.TrimEnd('/');
        if (configured.Length > 0)
            return Slashed(configured.EndsWith(FhirEndpoint.BasePath, StringComparison.Ordinal) ? configured[..^FhirEndpoint.BasePath.Length] : configured);
        var bound = server?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return Slashed(bound ?? (configuration["urls"] is { Length: > 0 } urls ? urls : WebHost.DefaultUrl).Split(';')[0]);
    }

    private static Uri Slashed(string address) => new(address.TrimEnd('/') + "/");

    private static bool IsThisMachine(string host) => host is "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
