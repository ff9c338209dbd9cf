using System.Globalization;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers.Protection;

namespace FhirEmr.FhirServer.Security.Smart.Assertions;

/// <summary>
/// Puts our check of client assertions in the place of OpenIddict's, which takes the issuer as the only audience, one <c>typ</c>, knows no <c>jwks_uri</c>
/// and lets an assertion be shown again (security S-10, S-14).
/// </summary>
internal sealed class AssertionHandler(ClientAssertion assertions, SmartEvents events, ILogger<AssertionHandler> log) : IOpenIddictServerHandler<ValidateTokenContext>
{
    /// <summary>The same for whatever is wrong: who guesses learns nothing.</summary>
    public const string Refusal = "The client could not be authenticated.";

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateTokenContext>()
        .UseScopedHandler<AssertionHandler>()
        .SetOrder(ResolveTokenValidationParameters.Descriptor.Order - 1_000)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (!context.ValidTokenTypes.Contains(TokenTypeIdentifiers.Private.ClientAssertion))
            return;
        var stated = context.Request?.ClientId;
        var (client, reason) = context.TokenFormat == TokenFormats.Private.JsonWebToken && context.Token is { } token
            ? await assertions.CheckAsync(token, stated, context.CancellationToken)
            : (null, "no JWT");
        if (client is null)
        {
            log.LogInformation("A client assertion was refused: {Reason}", reason);
            await events.RefusedAsync("client authentication", stated, reason, context.CancellationToken);
            context.Reject(Errors.InvalidClient, Refusal);
            return;
        }

        // OpenIddict goes on with what we have read; the times are ours to judge and are done.
        var (read, now) = (new JsonWebToken(context.Token), context.Options.TimeProvider.GetUtcNow());
        var identity = new ClaimsIdentity("assertion");
        identity.AddClaim(new Claim(Claims.Issuer, client.ClientId));
        identity.AddClaim(new Claim(Claims.Subject, client.ClientId));
        identity.AddClaim(new Claim(Claims.Audience, read.Audiences.First()));
        identity.AddClaim(new Claim(Claims.IssuedAt, Seconds(now), ClaimValueTypes.Integer64));
        identity.AddClaim(new Claim(Claims.ExpiresAt, Seconds(now.AddMinutes(5)), ClaimValueTypes.Integer64));
        context.Principal = new ClaimsPrincipal(identity).SetTokenType(TokenTypeIdentifiers.Private.ClientAssertion);
        context.DisableAudienceValidation = true;
    }

    private static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
