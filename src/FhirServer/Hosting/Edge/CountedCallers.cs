using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Who sends a request beside the FHIR API, counted like those to it (security §8): the pages of administrators, and the opening of apps.</summary>
internal sealed class CountedCallers(ICallers callers, RateLimits rates)
{
    /// <summary>The caller, or why they are refused; the answer's Retry-After is set already.</summary>
    public async ValueTask<(Caller Caller, FhirFault? Fault)> OfAsync(HttpContext http, CancellationToken ct)
    {
        var address = http.Connection.RemoteIpAddress;
        if (rates.AddressFault(address) is { } early)
            return (Caller.Anonymous, Told(http, early));
        var (caller, fault) = await callers.OfAsync(http, ct);
        return (caller, rates.CallerFault(caller, address) is { } late ? Told(http, late) : fault);
    }

    private static FhirFault Told(HttpContext http, FhirFault fault)
    {
        if (fault.RetryAfter is { } wait)
            http.Response.Headers.RetryAfter = RateLimits.Seconds(wait);
        return fault;
    }
}
