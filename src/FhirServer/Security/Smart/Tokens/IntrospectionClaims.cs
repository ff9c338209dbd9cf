using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>Tells the client that a token was issued to its scope and context (security S-18); OpenIddict tells them to audiences only.</summary>
internal sealed class IntrospectionClaims : IOpenIddictServerHandler<HandleIntrospectionRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<HandleIntrospectionRequestContext>()
        .UseSingletonHandler<IntrospectionClaims>()
        .SetOrder(OpenIddictServerHandlers.Introspection.AttachApplicationClaims.Descriptor.Order + 500)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public ValueTask HandleAsync(HandleIntrospectionRequestContext context)
    {
        if (context.GenericTokenPrincipal is not { } principal || !principal.HasTokenType(TokenTypeIdentifiers.AccessToken))
            return ValueTask.CompletedTask;
        context.Scopes.UnionWith(principal.GetScopes());
        foreach (var name in (string[])[SmartClaims.Patient, SmartClaims.Encounter, SmartClaims.FhirUser])
            if (principal.GetClaim(name) is { } value)
                context.Claims[name] = value;
        return ValueTask.CompletedTask;
    }
}
