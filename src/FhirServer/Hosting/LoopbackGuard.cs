using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>A server without a public name answers to this machine only, also against web pages: a request that names another host comes of DNS rebinding.</summary>
internal sealed class LoopbackGuard(RequestDelegate next, IConfiguration configuration)
{
    private readonly bool isOpen = !string.IsNullOrEmpty(configuration["Server:BaseUrl"]) || TrustedProxies.AreThere(configuration);

    public Task InvokeAsync(HttpContext http)
    {
        return isOpen || IsLoopback(http.Request.Host.Host)
            ? next(http)
            : RefuseAsync(http, "This server answers to this machine only, by the names localhost, 127.0.0.1 and [::1]. Behind a proxy, set Server:BaseUrl to the address that clients use.");
    }

    private static Task RefuseAsync(HttpContext http, string text)
    {
        var fault = FhirFault.Of(FaultKind.Forbidden, text);
        http.Response.StatusCode = fault.Status;
        http.Response.ContentType = FhirFormats.JsonMediaType + "; charset=utf-8";
        return http.Response.Body.WriteAsync(FhirFormats.ToJson(fault.ToOutcome()), http.RequestAborted).AsTask();
    }

    private static bool IsLoopback(string host) => host is "localhost" or "127.0.0.1" or "[::1]" or "::1";
}
