using System.Net;
using FhirEmr.FhirServer.Security.Accounts;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Passwords, tokens and records do not travel in the clear: where the server may listen, decided before it does (ADR 0011, security S-60, S-101).</summary>
internal static class ListenGuard
{
    /// <summary>Null when every address may be listened on; else a sentence with the fix.</summary>
    public static string? Fault(IConfiguration configuration)
    {
        var isDemo = configuration["Auth:Mode"] == AuthOptions.Demo;
        var hasName = !string.IsNullOrEmpty(configuration["Server:BaseUrl"]);
        foreach (var address in Beyond(configuration))
        {
            if (isDemo)
                return $"Refusing to listen on {address}: the demo is for this machine only. Use --urls http://127.0.0.1:8080.";
            if (!address.StartsWith("https://", StringComparison.OrdinalIgnoreCase) && !TrustedProxies.AreThere(configuration))
                return $"Refusing to listen on {address}: passwords and records would travel in the clear. Listen on https, or on 127.0.0.1 (--urls http://127.0.0.1:8080) behind a proxy on this machine, "
                    + "or name the proxy that ends TLS in front of this server in Proxy:Trusted.";
            if (!hasName)
                return $"Refusing to listen on {address}: Server:BaseUrl is not set, so tokens would be for whatever a request calls this server. Set it to the address that clients use, as in https://emr.example.org/fhir.";
        }

        return null;
    }

    public static bool IsBeyondThisMachine(IConfiguration configuration) => Beyond(configuration).Any();

    private static IEnumerable<string> Beyond(IConfiguration configuration) =>
        (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>())
            .Where(a => !IsLoopback(a));

    private static bool IsLoopback(string address)
    {
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        var host = scheme < 0 ? address : address[(scheme + 3)..];
        host = host.Split('/')[0];
        var port = host.LastIndexOf(':');
        if (port > 0 && !host.EndsWith(']'))
            host = host[..port];
        return host == "localhost" || host.StartsWith("unix:", StringComparison.Ordinal)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
