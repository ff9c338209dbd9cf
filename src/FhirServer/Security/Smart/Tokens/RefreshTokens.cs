using System.Globalization;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Scopes;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>A code or refresh token that is shown again has been stolen: OpenIddict ends the tokens that came of it, and we the authorization itself (security S-17).</summary>
internal sealed class ReuseEndsAuthorization(
    IOpenIddictTokenManager tokens, IOpenIddictAuthorizationManager authorizations, ValidatedTokens validated, SmartEvents events) : IOpenIddictServerHandler<ValidateTokenContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenContext>()
        .UseScopedHandler<ReuseEndsAuthorization>()
        .SetOrder(Protection.ValidateTokenEntry.Descriptor.Order - 500)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        var ct = context.CancellationToken;
        if (context.TokenId is not { Length: > 0 } id || await tokens.FindByIdAsync(id, ct) is not { } token || !await tokens.HasStatusAsync(token, Statuses.Redeemed, ct)
            || await IsWithinLeewayAsync(context, token) || context.AuthorizationId is not { Length: > 0 } authorizationId)
            return;
        if (await authorizations.FindByIdAsync(authorizationId, ct) is { } authorization)
            await authorizations.TryRevokeAsync(authorization, ct);
        validated.Clear();
        await events.RevokedAsync("shown again", await tokens.GetSubjectAsync(token, ct), ct);
    }

    /// <summary>A client whose answer got lost asks again within seconds.</summary>
    private async ValueTask<bool> IsWithinLeewayAsync(ValidateTokenContext context, object token) =>
        context.Principal!.HasTokenType(TokenTypeIdentifiers.RefreshToken)
        && await tokens.GetRedemptionDateAsync(token, context.CancellationToken) is { } redeemed
        && context.Options.TimeProvider.GetUtcNow() < redeemed + context.Options.RefreshTokenReuseLeeway;
}

/// <summary><c>online_access</c> is refreshed as <c>offline_access</c> is, which is all OpenIddict knows; for as long as the session lasts (security S-17).</summary>
internal sealed class OnlineAccess : IOpenIddictServerHandler<ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
        .UseSingletonHandler<OnlineAccess>()
        .SetOrder(EvaluateGeneratedTokens.Descriptor.Order + 500)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType == OpenIddictServerEndpointType.Token && context.Principal!.HasScope(ScopeGrant.Online))
            context.GenerateRefreshToken = context.IncludeRefreshToken = true;
        return ValueTask.CompletedTask;
    }
}

/// <summary>Ties what was allowed in a session to it, so that its end is the end of both; <c>offline_access</c> alone outlives it (security S-16).</summary>
internal sealed class SessionTie(IDbContextFactory<AccountsContext> accounts) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
        .UseScopedHandler<SessionTie>()
        .SetOrder(AttachAuthorization.Descriptor.Order + 500)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Authorization || context.Principal!.HasScope(ScopeGrant.Offline)
            || context.Principal!.GetClaim(SmartClaims.Session) is not { } session || !long.TryParse(context.Principal!.GetAuthorizationId(), NumberStyles.None, CultureInfo.InvariantCulture, out var authorization))
            return;
        await using var database = await accounts.CreateDbContextAsync(context.CancellationToken);
        database.Add(new SessionAuthorization { SessionId = session, AuthorizationId = authorization });
        await database.SaveChangesAsync(context.CancellationToken);
    }
}
