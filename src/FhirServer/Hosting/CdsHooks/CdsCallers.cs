using System.Security.Cryptography;
using System.Text;
using FhirEmr.FhirServer.CdsHooks;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Security.Smart.Assertions;
using FhirEmr.FhirServer.Security.Smart.Clients;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.FhirServer.Hosting.CdsHooks;

/// <summary>
/// Who asks a CDS service, and as whom it may read: a registered client by its signed JWT, which reads nothing, or whoever an access token of this server names.
/// </summary>
/// <remarks>https://cds-hooks.hl7.org/2.0/#security-and-safety. Which of the two a bearer is, is read off its <c>aud</c>; either is then checked whole.</remarks>
internal sealed class CdsCallers(CountedCallers callers, RateLimits rates, ClientAssertion assertions, SmartEvents events, ITokenReader tokens, IAccessPlanner planner, IServerIdentity server)
{
    private const string Prefix = "Bearer ";
    private const int MaxToken = 16 * 1024;

    private readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = MaxToken };

    /// <summary>Whoever sends the request, or why it is refused. <c>IsClient</c>: it proved itself by a JWT, whose rights are its registration's.</summary>
    public async ValueTask<(Caller Caller, bool IsClient, FhirFault? Fault)> OfAsync(HttpContext http, CancellationToken ct)
    {
        if (ClientToken(http.Request) is not { } token)
        {
            var (caller, fault) = await callers.OfAsync(http, ct);
            if (fault is null && ReferenceEquals(caller, Caller.Anonymous))
            {
                BearerCallers.Challenge(http);
                fault = FhirFault.Of(FaultKind.Unauthorized, "Sign in first: send the JWT of a registered CDS client, or an access token of this server, in the header Authorization.");
            }

            return (caller, false, fault);
        }

        var address = http.Connection.RemoteIpAddress;
        if (rates.AddressFault(address) is { } early)
            return (Caller.Anonymous, true, Told(http, early));
        var (client, reason) = await assertions.CheckForServiceAsync(token, server.Of(http.Request.Path.Value!), ct);
        if (client is not null && !ClientGate.IsWithin(client, address))
            (client, reason) = (null, "it comes from where it may not");
        if (client is null)
        {
            await events.RefusedAsync("CDS client", null, reason, ct);
            BearerCallers.Challenge(http, "invalid_token");
            return (Caller.Anonymous, true, rates.CallerFault(Caller.Anonymous, address) is { } late ? Told(http, late) : FhirFault.Of(FaultKind.Unauthorized, AssertionHandler.Refusal));
        }

        var id = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(handler.ReadJsonWebToken(token).Id)));
        var known = await CallerAsync(new Principal(client.ClientId, id, client.AllowedScopes), ct);
        return (known, true, rates.CallerFault(known, address) is { } many ? Told(http, many) : null);
    }

    /// <summary>As whom records are read for a question; null for nobody: then only what was sent along is there.</summary>
    public async ValueTask<(Caller? Reader, FhirFault? Fault)> ReaderAsync(CdsRequest request, Caller caller, bool isClient, CancellationToken ct)
    {
        if (request.FhirServer is { } named && !server.IsFhirBase(named))
            return (null, null); // another server's records are not looked for here, nor there
        if (request.Authorization is not { } given)
            return (isClient ? null : caller, null);
        if (await tokens.ReadAsync(given.AccessToken, ct) is not { } principal || (given.Subject is { Length: > 0 } subject && subject != principal.ClientId))
            return (null, FhirFault.Of(FaultKind.Unauthorized, "fhirAuthorization does not count here: its access_token is not one of this server, has expired or was taken back, or its subject is not the client it was issued to."));
        return (await CallerAsync(principal, ct), null);
    }

    private async ValueTask<Caller> CallerAsync(Principal principal, CancellationToken ct) =>
        new(principal.UserName ?? principal.UserId ?? principal.ClientId, await planner.PlanAsync(principal, ct)) { Principal = principal };

    /// <summary>The bearer, when it says that it is meant for a CDS service here; nothing of it is believed yet.</summary>
    private string? ClientToken(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || header.Length > MaxToken || header.Count(c => c == '.') != 2)
            return null;
        var token = header[Prefix.Length..].Trim();
        try
        {
            return handler.CanReadToken(token) && handler.ReadJsonWebToken(token).Audiences.Any(a => a.Contains(CdsPaths.Services, StringComparison.Ordinal)) ? token : null;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or System.Text.Json.JsonException)
        {
            return null; // then it is no access token either, and is refused as one
        }
    }

    private static FhirFault Told(HttpContext http, FhirFault fault)
    {
        if (fault.RetryAfter is { } wait)
            http.Response.Headers.RetryAfter = RateLimits.Seconds(wait);
        return fault;
    }
}
