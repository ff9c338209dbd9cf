using FhirEmr.FhirServer.Security.Smart.Scopes;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers.Discovery;

namespace FhirEmr.FhirServer.Security.Smart.Discovery;

/// <summary>Puts our own address into the OpenID configuration, where OpenIddict would write what the request called us (security S-87), and says what is true of clients here.</summary>
internal sealed class CanonicalEndpoints(IServerIdentity server) : IOpenIddictServerHandler<HandleConfigurationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<HandleConfigurationRequestContext>()
        .UseScopedHandler<CanonicalEndpoints>()
        .SetOrder(AttachAdditionalMetadata.Descriptor.Order + 1_000)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public ValueTask HandleAsync(HandleConfigurationRequestContext context)
    {
        context.Issuer = server.Issuer;
        context.AuthorizationEndpoint = server.Of(SmartPaths.Authorize);
        context.TokenEndpoint = server.Of(SmartPaths.Token);
        context.IntrospectionEndpoint = server.Of(SmartPaths.Introspect);
        context.RevocationEndpoint = server.Of(SmartPaths.Revoke);
        context.JsonWebKeySetEndpoint = server.Of(SmartPaths.Keys);
        context.Scopes.Clear();
        context.Scopes.UnionWith(SmartConfiguration.Scopes);
        context.Claims.Clear();
        context.Claims.UnionWith([Claims.Issuer, Claims.Subject, Claims.Audience, Claims.ExpiresAt, Claims.IssuedAt, Claims.Nonce, Claims.Name, ScopeGrant.FhirUser]);
        context.Metadata["token_endpoint_auth_signing_alg_values_supported"] = new(SmartConfiguration.AssertionAlgorithms);
        return ValueTask.CompletedTask;
    }
}
