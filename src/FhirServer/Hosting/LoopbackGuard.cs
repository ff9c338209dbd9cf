using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>
/// While there is no sign-in, "this machine only" must hold against web pages too: a request that names another host (DNS rebinding) or that a
/// browser sends for another site is refused.
/// </summary>
internal sealed class LoopbackGuard(RequestDelegate next, IConfiguration configuration)
{
    private readonly bool isOpen = configuration.GetValue<bool>("Server:AllowUnauthenticatedNetwork") || !string.IsNullOrEmpty(configuration["Server:BaseUrl"])
        || TrustedProxies.AreThere(configuration);

    public Task InvokeAsync(HttpContext http)
    {
        if (isOpen || (IsLoopback(http.Request.Host.Host) && http.Request.Headers["Sec-Fetch-Site"] != "cross-site"))
            return next(http);

        var fault = FhirFault.Of(FaultKind.Forbidden, "This server answers to this machine only, by the names localhost, 127.0.0.1 and [::1]. "
            + "Behind a proxy, set Server:BaseUrl to the address that clients use.");
        http.Response.StatusCode = fault.Status;
        http.Response.ContentType = FhirFormats.JsonMediaType + "; charset=utf-8";
        return http.Response.Body.WriteAsync(FhirFormats.ToJson(fault.ToOutcome()), http.RequestAborted).AsTask();
    }

    private static bool IsLoopback(string host) => host is "localhost" or "127.0.0.1" or "[::1]" or "::1";
}
