using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Tells who sends a request; the one place where HTTP credentials become a <see cref="Caller"/>.</summary>
internal interface ICallers
{
    /// <summary>The caller, or why the credentials do not count (401). No credentials at all are <see cref="Caller.Anonymous"/>; whether that is enough is decided later.</summary>
    ValueTask<(Caller Caller, FhirFault? Fault)> OfAsync(HttpContext http, CancellationToken ct);
}
