using FhirEmr.FhirServer.Rest;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>Which methods an address of the FHIR API takes (RFC 9110, Allow).</summary>
internal static class AllowedMethods
{
    /// <summary>All methods the API knows at all.</summary>
    public static bool IsKnown(string method) => method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS";

    public static string At(FhirTarget? target) => target switch
    {
        null => "GET, HEAD, OPTIONS",
        { File: not null } => "GET, HEAD, OPTIONS",
        { IsOfJob: true } => "GET, HEAD, DELETE, OPTIONS",
        { Operation: not null } => "GET, HEAD, POST, OPTIONS",
        { IsMetadata: true } or { IsHistory: true } => "GET, HEAD, OPTIONS",
        { IsSearch: true } => "GET, HEAD, POST, OPTIONS",
        { Type: null } => "GET, HEAD, POST, OPTIONS",
        { Id: null } => "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        _ => "GET, HEAD, PUT, PATCH, DELETE, OPTIONS",
    };
}
