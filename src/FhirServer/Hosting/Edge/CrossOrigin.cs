using System.Collections.Frozen;
using FhirEmr.FhirServer.CdsHooks;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Security.Smart.Clients;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Which web pages of other origins may call (security S-86): those configured and those of registered apps; anyone may read what is public. Never with credentials.</summary>
/// <remarks>https://fetch.spec.whatwg.org/#http-cors-protocol.</remarks>
internal sealed class CrossOrigin(IOptions<EdgeOptions> options, ClientOrigins apps)
{
    private const string Exposed = "ETag, Location, Content-Location, Last-Modified, Expires, X-Request-Id, X-Correlation-Id, X-Progress, Idempotency-Replayed, Retry-After";

    private readonly FrozenSet<string> origins = options.Value.Origins.Select(o => o.TrimEnd('/')).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sets what the browser asks for; without it the browser does not go on.</summary>
    public async ValueTask ApplyAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        if (IsPublic(http.Request.Path))
        {
            headers.AccessControlAllowOrigin = "*";
            headers.AccessControlExposeHeaders = Exposed;
            return;
        }

        headers.Append("Vary", "Origin"); // whoever asks: a cache must not give one origin's answer to another
        if (http.Request.Headers.Origin is [{ } origin] && origin != "null" && (origins.Contains(origin) || await apps.HasAsync(origin, http.RequestAborted)))
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlExposeHeaders = Exposed;
        }
    }

    /// <summary>A browser's question before the request itself.</summary>
    public static bool IsPreflight(HttpRequest request) =>
        request.Method == "OPTIONS" && request.Headers.Origin.Count > 0 && request.Headers.AccessControlRequestMethod.Count > 0;

    /// <summary>Answers the question; an origin that is not allowed gets no permission, which is the browser's no.</summary>
    public static void Preflight(HttpContext http, string methods)
    {
        if (http.Response.Headers.AccessControlAllowOrigin.Count == 0)
            return;
        var headers = http.Response.Headers;
        headers.AccessControlAllowMethods = methods;
        headers.AccessControlAllowHeaders =
            "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, Range, X-Cascade, X-Correlation-Id, X-Request-Id, X-Security-Context";
        headers.AccessControlMaxAge = "600";
    }

    /// <summary>What anyone's page may read.</summary>
    public static bool IsPublic(PathString path) => path.Value is "/fhir/metadata" or "/fhir/.well-known/smart-configuration" or CdsPaths.Services || SmartPaths.ArePublic(path);
}
