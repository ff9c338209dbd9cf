using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Rest;

/// <summary>What the interactions that are no search take behind the question mark; a condition, a history and an operation read theirs themselves.</summary>
/// <remarks>
/// http.html#parameters. A name that means nothing is refused here as in a search: <c>_dryrun</c> that is passed over deletes, and <c>_asof</c>
/// shows what is current. <c>Prefer: handling=lenient</c> passes over it in reads; a write is never done without what it was asked with.
/// </remarks>
internal static class PlainParameters
{
    private static readonly string[] Always = ["_format", "_pretty"];
    private static readonly string[] Vread = [.. Always, "_elements", "_summary"];
    private static readonly string[] Read = [.. Vread, "_asOf"];
    private static readonly string[] Metadata = [.. Vread, "mode"];
    private static readonly string[] Delete = [.. Always, "_cascade", "_dryRun"];

    public static FhirFault? FaultOf(FhirRequest request)
    {
        if (request.Query.Count == 0 || (request is { Prefer.Lenient: true, Method: "GET" or "HEAD" }) || Known(request) is not { } known)
            return null;
        foreach (var (name, _) in request.Query)
            if (!known.Contains(name))
                return new(FaultKind.Invalid, [new("not-supported", $"'{name}' means nothing here: {request.Method} takes {string.Join(", ", known)} at this address."
                    + (NearestName.Of(name, known) is { } near ? $" Did you mean '{near}'?" : "")) { Parameter = name }]);
        return null;
    }

    /// <summary>Null where the interaction tells for itself.</summary>
    private static string[]? Known(FhirRequest request) => (request.Method, request.Target) switch
    {
        (_, { Operation: not null } or { IsSearch: true }) => null,
        ("GET" or "HEAD", { IsMetadata: true }) => Metadata,
        ("GET" or "HEAD", { Id: not null, Version: not null }) => Vread,
        ("GET" or "HEAD", { Id: not null, IsHistory: false }) => Read,
        ("POST", { Id: null, Compartment: null }) => Always,
        ("PUT" or "PATCH", { Id: not null }) => Always,
        ("DELETE", { Id: not null }) => Delete,
        _ => null,
    };
}
