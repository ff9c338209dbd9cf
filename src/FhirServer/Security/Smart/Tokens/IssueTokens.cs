using System.Globalization;
using System.Security.Claims;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Scopes;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>Decides at the token endpoint what a code, a refresh token or a client's own credentials are worth now.</summary>
/// <remarks>What the client was registered with, or the user is, may have changed since: a token never says more than now holds.</remarks>
internal sealed class IssueTokens(IDbContextFactory<AccountsContext> accounts, IServerIdentity server, SmartOptions options, SmartEvents events, TimeProvider clock) : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<HandleTokenRequestContext>()
        .UseScopedHandler<IssueTokens>()
        .SetOrder(OpenIddictServerHandlers.Exchange.AttachPrincipal.Descriptor.Order + 1_000)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public async ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        await using var database = await accounts.CreateDbContextAsync(context.CancellationToken);
        var client = await database.ClientProfiles.AsNoTracking().FirstAsync(c => c.ClientId == context.ClientId, context.CancellationToken);
        var refusal = context.Request.IsClientCredentialsGrantType() ? ForClient(context, client) : await ForUserAsync(context, database, client);
        if (refusal is var (error, text))
        {
            context.Principal = null;
            await events.RefusedAsync("token", client.ClientId, text, context.CancellationToken);
            context.Reject(error, text);
            return;
        }

        await events.IssuedAsync(client.ClientId, context.Principal!.GetClaim(Claims.Subject)!, context.Request.GrantType!, context.Principal!.GetScopes(), context.CancellationToken);
    }

    private (string Error, string Text)? ForClient(HandleTokenRequestContext context, ClientProfile client)
    {
        if (client.Kind != ClientKind.System)
            return (Errors.UnauthorizedClient, "This client acts for users only.");
        var scopes = ScopeGrant.ForSystem(context.Request.GetScopes(), client.AllowedScopes);
        if (scopes.Count == 0)
            return (Errors.InvalidScope, "Name scopes that this client is registered with, as in system/Patient.rs.");
        var identity = new ClaimsIdentity("client", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, client.ClientId);
        context.Principal = new ClaimsPrincipal(identity).SetScopes(scopes).SetResources(server.FhirBase).SetAccessTokenLifetime(options.SystemTokenLife);
        return null;
    }

    private async Task<(string Error, string Text)?> ForUserAsync(HandleTokenRequestContext context, AccountsContext database, ClientProfile client)
    {
        var (principal, now) = (context.Principal!, clock.GetUtcNow());
        var user = principal.GetClaim(Claims.Subject);
        if (await database.Users.AsNoTracking().FirstOrDefaultAsync(a => a.Id == user, context.CancellationToken) is not { IsDisabled: false })
            return (Errors.InvalidGrant, "The user who allowed this may not sign in any more.");

        var scopes = ScopeGrant.ForUser(principal.GetScopes(), client.AllowedScopes);
        if (scopes.Count == 0)
            return (Errors.InvalidGrant, "The client is no longer registered for what was allowed.");
        var granted = DateTimeOffset.FromUnixTimeSeconds(long.Parse(principal.GetClaim(SmartClaims.GrantedAt)!, CultureInfo.InvariantCulture));
        var ends = granted + options.RefreshAbsoluteLife;
        if (!scopes.Contains(ScopeGrant.Offline))
        {
            var session = principal.GetClaim(SmartClaims.Session);
            if (await database.Sessions.AsNoTracking().FirstOrDefaultAsync(s => s.Id == session, context.CancellationToken) is not { Ended: null } open || open.Expires <= now)
                return (Errors.InvalidGrant, "The session in which this was allowed is over.");
            ends = open.Expires < ends ? open.Expires : ends;
        }

        if (ends <= now)
            return (Errors.InvalidGrant, "This was allowed too long ago; the user has to allow it again.");
        var left = ends - now;
        principal.SetScopes(scopes).SetResources(server.FhirBase)
            .SetAccessTokenLifetime(options.UserTokenLife)
            .SetRefreshTokenLifetime(left < options.RefreshIdleLife ? left : options.RefreshIdleLife);
        return null;
    }
}
