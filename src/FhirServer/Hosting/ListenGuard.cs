using System.Net;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Until sign-in exists, patient records are served to this machine only: other addresses are refused at start.</summary>
internal static class ListenGuard
{
    /// <summary>Null when every address is loopback or the operator has said otherwise; else a sentence with the fix.</summary>
    public static string? Fault(IConfiguration configuration)
    {
        if (configuration.GetValue<bool>("Server:AllowUnauthenticatedNetwork"))
            return null;

        var addresses = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>());
        foreach (var address in addresses)
            if (!IsLoopback(address))
                return $"Refusing to listen on {address}: there is no sign-in yet, so anyone who reaches that address could read every record. "
                    + "Listen on 127.0.0.1 (--urls http://127.0.0.1:8080) behind a proxy that authenticates, or set Server:AllowUnauthenticatedNetwork=true "
                    + "where the network itself keeps strangers out.";
        return null;
    }

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
