using FhirEmr.FhirServer.Security.Smart.Clients;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers.Authentication;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>
/// A request that is wrong goes back to its app with the error, once client and redirect URI are known to be good (RFC 6749 section 4.1.2.1). OpenIddict shows all of
/// them here; we show those two alone (security S-13).
/// </summary>
internal sealed class ErrorsGoBack(ClientRegistry clients, IOpenIddictApplicationManager applications) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyAuthorizationResponseContext>()
        .UseScopedHandler<ErrorsGoBack>()
        .SetOrder(InferResponseMode.Descriptor.Order + 500) // it would put back the mode that was asked for
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public async ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        if (string.IsNullOrEmpty(context.Error) || context.RedirectUri is { Length: > 0 } || context.Request is not { ClientId: { Length: > 0 } clientId, RedirectUri: { Length: > 0 } redirect })
            return;
        if (await clients.FindAsync(clientId, context.CancellationToken) is not { IsDisabled: false } || await applications.FindByClientIdAsync(clientId, context.CancellationToken) is not { } application
            || !await applications.ValidateRedirectUriAsync(application, redirect, context.CancellationToken))
            return;
        context.RedirectUri = redirect;
        context.ResponseMode = ResponseModes.Query;
    }
}
