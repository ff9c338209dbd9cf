using FhirEmr.FhirServer.Hosting.Jobs;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Headers that every answer carries (security S-85).</summary>
internal static class SecurityHeaders
{
    private const string Nothing = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>How long a browser that was here by https does not go by http (security S-60).</summary>
    private const string Year = "max-age=31536000";

    /// <summary>Our own pages: scripts and images of this server only. Their styles stand in the page.</summary>
    private const string Pages = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        + "font-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'none'";

    public static void Apply(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        if (http.Request.IsHttps && !HostGuard.IsLoopback(http.Request.Host.Host))
            headers.StrictTransportSecurity = Year; // of localhost a browser would keep it for every other program there, too
        headers.ContentSecurityPolicy = IsPage(http.Request.Path) ? Pages : Nothing;
    }

    /// <summary>What was uploaded by somebody is never shown as a page of ours (security S-77).</summary>
    public static void ApplyToUpload(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = "sandbox; " + Nothing;
        response.Headers.ContentDisposition = "attachment";
    }

    private static bool IsPage(PathString path) => path == "/" || path.StartsWithSegments("/swagger", StringComparison.Ordinal)
        || path.StartsWithSegments(JobDashboard.Path, StringComparison.Ordinal);
}
