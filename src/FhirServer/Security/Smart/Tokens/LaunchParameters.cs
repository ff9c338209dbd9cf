using System.Text.Json;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>What a token response says beside the tokens: the context of the launch, and always the scopes that were granted (SMART App Launch 2.2, access token response).</summary>
internal sealed class LaunchParameters(IServerIdentity server, SmartOptions options) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
        .UseScopedHandler<LaunchParameters>()
        .SetOrder(AttachCustomSignInParameters.Descriptor.Order - 500)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Token || context.AccessTokenPrincipal is not { } token)
            return ValueTask.CompletedTask;
        context.Parameters[Parameters.Scope] = string.Join(' ', token.GetScopes());
        if (context.Request.IsClientCredentialsGrantType())
            return ValueTask.CompletedTask;

        var principal = context.Principal!;
        foreach (var name in (string[])[SmartClaims.Patient, SmartClaims.Encounter, SmartClaims.Intent])
            if (principal.GetClaim(name) is { } value)
                context.Parameters[name] = value;
        if (principal.GetClaim(SmartClaims.FhirContext) is { } more)
            context.Parameters[SmartClaims.FhirContext] = JsonDocument.Parse(more).RootElement.Clone();
        if (principal.GetClaim(SmartClaims.Patient) is not null)
            context.Parameters["need_patient_banner"] = true; // nothing of ours is around the app that says who the patient is
        context.Parameters["smart_style_url"] = server.Of(SmartPaths.Style).AbsoluteUri;
        if (options.Tenant.Length > 0)
            context.Parameters["tenant"] = options.Tenant;
        return ValueTask.CompletedTask;
    }
}
