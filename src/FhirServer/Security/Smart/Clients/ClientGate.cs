using System.Net;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Assertions;
using Microsoft.AspNetCore;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;

namespace FhirEmr.FhirServer.Security.Smart.Clients;

/// <summary>Clients that an administrator has disabled, or that come from where they may not, are as good as unknown (security S-16, S-19).</summary>
internal sealed class ClientGate(ClientRegistry clients) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessAuthenticationContext>()
        .UseScopedHandler<ClientGate>()
        .SetOrder(ValidateClientId.Descriptor.Order + 500)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (string.IsNullOrEmpty(context.ClientId))
            return;
        var isPage = context.EndpointType == OpenIddictServerEndpointType.Authorization;
        if (await clients.FindAsync(context.ClientId, context.CancellationToken) is not { IsDisabled: false } client)
            context.Reject(isPage ? Errors.InvalidRequest : Errors.InvalidClient, isPage ? "The app is not registered here, or not any more." : AssertionHandler.Refusal);
        else if (!isPage && !IsWithin(client, context.Transaction.GetHttpRequest()?.HttpContext.Connection.RemoteIpAddress))
            context.Reject(Errors.InvalidClient, AssertionHandler.Refusal);
    }

    /// <summary>Whether a client comes from where it may; one that names no networks may from anywhere.</summary>
    public static bool IsWithin(ClientProfile client, IPAddress? address)
    {
        if (client.AllowedNetworks.Length == 0)
            return true;
        if (address is null)
            return false;
        var real = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return client.AllowedNetworks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(n => IPNetwork.Parse(n).Contains(real));
    }
}
