using System.Buffers;
using System.Diagnostics;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>The name of one request in logs, answers and traces: the client's own X-Request-Id where it gives one (http.html#custom), else the trace it belongs to.</summary>
internal static class RequestId
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.");

    /// <summary>1 to 64 letters, digits, '-' or '.', so that it can be the id of an OperationOutcome.</summary>
    public static string Of(HttpContext http) => http.TraceIdentifier;

    /// <summary>Names the request, once and before anything else.</summary>
    public static void Give(HttpContext http) => http.TraceIdentifier = Chosen(http.Request.Headers);

    /// <summary>Says it in the answer; a client that gave one gets it back as X-Correlation-Id, too.</summary>
    public static void Apply(HttpContext http)
    {
        var id = Of(http);
        http.Response.Headers["X-Request-Id"] = id;
        if (http.Request.Headers.ContainsKey("X-Request-Id"))
            http.Response.Headers["X-Correlation-Id"] = id;
    }

    /// <remarks>Nobody listens to an Activity of each request, so none is made; the trace that a client says it is in (W3C Trace Context) counts all the same.</remarks>
    private static string Chosen(IHeaderDictionary headers)
    {
        if (headers["X-Request-Id"] is [{ Length: > 0 and <= 64 } given] && !given.AsSpan().ContainsAnyExcept(Allowed))
            return given;
        if (Activity.Current is { } activity)
            return activity.TraceId.ToHexString();
        return headers.TraceParent is [{ } parent] && ActivityContext.TryParse(parent, null, out var trace) ? trace.TraceId.ToHexString() : ActivityTraceId.CreateRandom().ToHexString();
    }
}
