using System.Security.Claims;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>Makes an access token without anybody asking over HTTP: for the demo and for test databases, by the same steps as the token endpoint.</summary>
internal sealed class TokenMint(IServiceScopeFactory scopes, IServerIdentity server, TimeProvider clock)
{
    /// <param name="subject">Key of the user, or the client's own id.</param>
    public async Task<string> MakeAsync(string clientId, string subject, IEnumerable<string> granted, TimeSpan life, string? patient = null)
    {
        await using var scope = scopes.CreateAsyncScope();
        var transaction = await scope.ServiceProvider.GetRequiredService<IOpenIddictServerFactory>().CreateTransactionAsync();
        transaction.BaseUri = server.Issuer;
        var now = clock.GetUtcNow();
        var identity = new ClaimsIdentity("mint", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, subject).SetClaim(Claims.ClientId, clientId).SetClaim(Claims.Private.Issuer, server.Issuer.AbsoluteUri).SetClaim(SmartClaims.Patient, patient);
        var principal = new ClaimsPrincipal(identity).SetScopes(granted).SetAudiences(server.FhirBase).SetPresenters(clientId)
            .SetCreationDate(now).SetExpirationDate(now + life);
        var context = new GenerateTokenContext(transaction)
        {
            ClientId = clientId,
            CreateTokenEntry = true,
            Principal = principal,
            TokenFormat = TokenFormats.Private.JsonWebToken,
            TokenType = TokenTypeIdentifiers.AccessToken,
        };
        await scope.ServiceProvider.GetRequiredService<IOpenIddictServerDispatcher>().DispatchAsync(context);
        return context is { IsRejected: false, Token: { } token } ? token : throw new InvalidOperationException($"No token could be made: {context.Error}");
    }
}
