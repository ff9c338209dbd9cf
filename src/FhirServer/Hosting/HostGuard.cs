using System.Globalization;
using System.Text;
using FhirEmr.FhirServer.Rest;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>
/// The names a request may call this server by: that of its public address (security S-87), or without one those of this machine. Any other comes of DNS rebinding, or of a proxy that was told too little.
/// </summary>
/// <remarks>An address instead of a name is taken by a server with a public name, since that is how its health is asked for; a page of another site cannot be made to send one.</remarks>
internal sealed class HostGuard
{
    private readonly RequestDelegate next;
    private readonly HashSet<string> names;
    private readonly bool hasName, isOpen;

    public HostGuard(RequestDelegate next, IConfiguration configuration, IOptions<ServerOptions> server)
    {
        this.next = next;
        names = new(server.Value.AllowedHosts.Select(AsSent), StringComparer.OrdinalIgnoreCase);
        hasName = Uri.TryCreate(server.Value.BaseUrl, UriKind.Absolute, out var url);
        if (hasName)
            names.Add(url!.IdnHost);
        isOpen = !hasName && TrustedProxies.AreThere(configuration);
    }

    public Task InvokeAsync(HttpContext http)
    {
        var host = http.Request.Host.Host;
        return isOpen || IsLoopback(host) || (hasName && (host.Length == 0 || names.Contains(AsSent(host)) || Uri.CheckHostName(host.Trim('[', ']')) is UriHostNameType.IPv4 or UriHostNameType.IPv6))
            ? next(http)
            : RefuseAsync(http, hasName
                ? "This server is not known by the host that the request names. A proxy hands on the Host that clients use, or says it in X-Forwarded-Host; other names go into Server:AllowedHosts."
                : "This server answers to this machine only, by the names localhost, 127.0.0.1 and [::1]. Behind a proxy, set Server:BaseUrl to the address that clients use.");
    }

    /// <summary>In punycode (RFC 5891), whichever way it was written: clients send it so, the framework hands it on in letters, and settings may have either.</summary>
    private static string AsSent(string name)
    {
        try
        {
            return Ascii.IsValid(name) ? name : new IdnMapping().GetAscii(name);
        }
        catch (ArgumentException)
        {
            return name; // no name of a host
        }
    }

    internal static bool IsLoopback(string host) => host is "localhost" or "127.0.0.1" or "[::1]" or "::1";

    private static Task RefuseAsync(HttpContext http, string text)
    {
        var fault = FhirFault.Of(FaultKind.Forbidden, text);
        http.Response.StatusCode = fault.Status;
        http.Response.ContentType = FhirFormats.JsonMediaType + "; charset=utf-8";
        return http.Response.Body.WriteAsync(FhirFormats.ToJson(fault.ToOutcome()), http.RequestAborted).AsTask();
    }
}
