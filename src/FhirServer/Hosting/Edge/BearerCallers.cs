using System.Text;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Security.Smart.Tokens;

namespace FhirEmr.FhirServer.Hosting.Edge;

/// <summary>
/// A bearer token, or the session of our own web app: what proves who sends a request (security S-16, S-24). Everything else in a request proves nothing.
/// </summary>
internal sealed class BearerCallers(ITokenReader tokens, ValidatedTokens validated, IAccessPlanner planner, PageCallers pages, IServerIdentity server) : ICallers
{
    /// <summary>A page of another site cannot set it without being asked about first, and is then told no.</summary>
    public const string WebAppHeader = "X-FhirEmr-App";

    private const string Prefix = "Bearer ";

    public async ValueTask<(Caller Caller, FhirFault? Fault)> OfAsync(HttpContext http, CancellationToken ct)
    {
        var header = http.Request.Headers.Authorization;
        if (header.Count > 0)
        {
            if (header is not [{ } value] || !value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || value.Length == Prefix.Length || !Ascii.IsValid(value))
                return Refuse(http, "The header Authorization must be 'Bearer' with an access token of this server.");
            return await PrincipalAsync(value, ct) is { } principal
                ? (await CallerAsync(principal, ct), null)
                : Refuse(http, "The access token does not count here: it is not one of this server, has expired, or was taken back. Get a new one.");
        }

        if (IsFromOurOwnPages(http.Request) && await pages.OfAsync(http, ct) is { } user)
            return (user, null);
        return (Caller.Anonymous, null);
    }

    /// <summary>Says with which credentials an answer is to be had (RFC 6750 section 3).</summary>
    public static void Challenge(HttpContext http, string? error = null) =>
        http.Response.Headers.WWWAuthenticate = error is null ? "Bearer realm=\"fhir\"" : $"Bearer realm=\"fhir\", error=\"{error}\"";

    private ValueTask<Principal?> PrincipalAsync(string header, CancellationToken ct)
    {
        var token = header.AsSpan(Prefix.Length).Trim();
        var hash = TokenHash.Of(token);
        return validated.Find(hash) is { } known ? new(known) : ReadAsync(token.ToString(), hash, ct);
    }

    private async ValueTask<Principal?> ReadAsync(string token, TokenHash hash, CancellationToken ct)
    {
        var generation = validated.Generation;
        var principal = await tokens.ReadAsync(token, ct);
        if (principal is not null)
            validated.Keep(hash, principal, generation);
        return principal;
    }

    private async ValueTask<Caller> CallerAsync(Principal principal, CancellationToken ct) =>
        new(principal.UserName ?? principal.UserId ?? principal.ClientId, await planner.PlanAsync(principal, ct)) { Principal = principal };

    /// <summary>The session's cookie comes along whoever makes the browser ask; only our own pages can add the header and have the browser say so.</summary>
    private bool IsFromOurOwnPages(HttpRequest request) => request.Headers.ContainsKey(WebAppHeader)
        && (request.Headers["Sec-Fetch-Site"].ToString() is "same-origin" || request.Headers.Origin is [{ } origin] && IsOwn(origin));

    private bool IsOwn(string origin) => origin == server.Issuer.GetLeftPart(UriPartial.Authority);

    private static (Caller, FhirFault?) Refuse(HttpContext http, string text)
    {
        Challenge(http, "invalid_token");
        return (Caller.Anonymous, FhirFault.Of(FaultKind.Unauthorized, text));
    }
}
