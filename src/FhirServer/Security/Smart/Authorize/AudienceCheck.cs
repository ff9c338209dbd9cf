using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers.Authentication;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>An app says which FHIR server it means; one that means another has been deceived, and gets no token of ours to hand there (security S-13).</summary>
internal sealed class AudienceCheck(IServerIdentity server) : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ValidateAuthorizationRequestContext>()
        .UseScopedHandler<AudienceCheck>()
        .SetOrder(ValidateAuthorizedParty.Descriptor.Order + 1_000) // when the redirect URI is known to be good
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        if (!server.IsFhirBase((string?)context.Request["aud"]))
            context.Reject(Errors.InvalidRequest, $"The parameter aud must be {server.FhirBase}, the FHIR server that this is about.");
        return ValueTask.CompletedTask;
    }
}
