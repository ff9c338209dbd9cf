using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>After a client has taken a token back: this node forgets what it remembers at once (security S-16).</summary>
internal sealed class RevokedTokens(ValidatedTokens validated, SmartEvents events) : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<HandleRevocationRequestContext>()
        .UseScopedHandler<RevokedTokens>()
        .SetOrder(OpenIddictServerHandlers.Revocation.RevokeToken.Descriptor.Order + 1_000)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        validated.Clear();
        await events.RevokedAsync($"by the client {context.Request.ClientId}", context.GenericTokenPrincipal?.FindFirst("sub")?.Value, context.CancellationToken);
    }
}
