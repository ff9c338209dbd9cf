using FhirEmr.FhirServer.Hosting.Edge;
using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace FhirEmr.FhirServer.Hosting.Smart;

/// <summary>How often a client may ask for tokens (security §8): counted once it has proved who it is, so that nobody uses up what is another's.</summary>
/// <remarks>The code or refresh token that was shown stays good: it is taken only when a token is made.</remarks>
internal sealed class ClientTokenRate(RateLimits rates) : IOpenIddictServerHandler<HandleTokenRequestContext>, IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    private const string Wait = "fhir-emr:wait";

    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<HandleTokenRequestContext>()
        .UseSingletonHandler<ClientTokenRate>()
        .SetOrder(OpenIddictServerHandlers.Exchange.AttachPrincipal.Descriptor.Order + 500)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    /// <summary>OpenIddict knows no status for it.</summary>
    public static OpenIddictServerHandlerDescriptor StatusDescriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ApplyTokenResponseContext>()
        .UseSingletonHandler<ClientTokenRate>()
        .SetOrder(OpenIddictServerAspNetCoreHandlers.AttachHttpResponseCode<ApplyTokenResponseContext>.Descriptor.Order + 500)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public ValueTask HandleAsync(HandleTokenRequestContext context)
    {
        if (context.ClientId is { } client && rates.TakeToken(client, context.Principal?.GetClaim(OpenIddictConstants.Claims.Subject)) is var wait && wait > TimeSpan.Zero)
        {
            context.Transaction.SetProperty(Wait, RateLimits.Seconds(wait));
            context.Principal = null;
            context.Reject(TokenRates.Error, TokenRates.Text);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        if (context.Transaction.GetProperty<string>(Wait) is { } wait && context.Transaction.GetHttpRequest()?.HttpContext.Response is { } response)
        {
            response.StatusCode = StatusCodes.Status429TooManyRequests;
            response.Headers.RetryAfter = wait;
        }

        return ValueTask.CompletedTask;
    }
}
