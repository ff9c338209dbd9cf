using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Reads X-Forwarded-For, -Proto, -Host and -Prefix, from the proxies that <c>Proxy:Trusted</c> lists and from nobody else (security S-87).</summary>
internal static class TrustedProxies
{
    /// <summary>Null when no proxy is trusted: then forwarded headers mean nothing.</summary>
    public static ForwardedHeadersOptions? Read(IConfiguration configuration)
    {
        var trusted = List(configuration);
        if (trusted.Length == 0)
            return null;

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedPrefix,
            ForwardLimit = trusted.Length,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var entry in trusted)
        {
            if (System.Net.IPNetwork.TryParse(entry, out var network))
                options.KnownIPNetworks.Add(network);
            else if (IPAddress.TryParse(entry, out var address))
                options.KnownProxies.Add(address);
            else
                throw new Storage.StorageRefusedException($"Proxy:Trusted has '{entry}': give addresses such as 10.0.0.5 or networks such as 10.0.0.0/24.");
        }

        return options;
    }

    public static bool AreThere(IConfiguration configuration) => List(configuration).Length > 0;

    private static string[] List(IConfiguration configuration) =>
        configuration.GetSection("Proxy:Trusted").Get<string[]>()
        ?? (configuration["Proxy:Trusted"] ?? "").Split([',', ' ', ';'], StringSplitOptions.RemoveEmptyEntries);
}
