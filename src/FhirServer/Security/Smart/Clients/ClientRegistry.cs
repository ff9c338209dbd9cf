using System.Security.Cryptography;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Outbound;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace FhirEmr.FhirServer.Security.Smart.Clients;

/// <summary>The registered clients: what OpenIddict keeps of them, and what we keep beside it in <see cref="ClientProfile"/>. One without a profile is none.</summary>
internal sealed class ClientRegistry(IServiceScopeFactory scopes, IDbContextFactory<AccountsContext> accounts, GuardedHttpClient outbound, ValidatedTokens validated, SmartEvents events, TimeProvider clock)
{
    /// <summary>Registers a client; answers the secret it was given, if any. It is shown once and kept as a hash.</summary>
    /// <exception cref="ClientException">The registration cannot be, or the id is taken.</exception>
    public async Task<string?> AddAsync(ClientRegistration client, string by, CancellationToken ct)
    {
        if (ClientRules.Faults(client, outbound) is { Count: > 0 } faults)
            throw new ClientException(string.Join(Environment.NewLine, faults));
        await using var scope = scopes.CreateAsyncScope();
        var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        await using var context = await accounts.CreateDbContextAsync(ct);
        if (await context.ClientProfiles.AnyAsync(c => c.ClientId == client.Id, ct))
            throw new ClientException($"There is a client {client.Id} already. Disable it, and register the new one under another id.");
        if (await applications.FindByClientIdAsync(client.Id, ct) is { } half)
            await applications.DeleteAsync(half, ct); // left by a registration that was interrupted

        var secret = client.WantsSecret ? NewSecret() : null;
        await applications.CreateAsync(Describe(client, secret), ct);
        var now = clock.GetUtcNow();
        context.Add(new ClientProfile
        {
            ClientId = client.Id,
            Kind = client.Kind,
            LaunchKinds = string.Join(' ', LaunchKinds(client)),
            AllowedScopes = string.Join(' ', client.Scopes),
            FhirUser = client.FhirUser,
            Owner = client.Owner,
            Jwks = client.Jwks,
            JwksUri = client.JwksUri,
            AllowedNetworks = string.Join(' ', client.Networks),
            AllowedOrigins = string.Join(' ', client.Origins.Select(o => o.TrimEnd('/'))),
            ChangedAt = now,
            ChangedBy = by,
        });
        foreach (var role in client.Roles)
            context.Add(new RoleAssignment { SubjectKind = SubjectKind.Client, Subject = client.Id, RoleName = role, From = now, AssignedBy = by });
        await context.SaveChangesAsync(ct);
        await events.ClientAsync("registered", client.Id, by, ct);
        return secret;
    }

    public async Task<IReadOnlyList<ClientProfile>> ListAsync(CancellationToken ct)
    {
        await using var context = await accounts.CreateDbContextAsync(ct);
        return await context.ClientProfiles.AsNoTracking().OrderBy(c => c.ClientId).ToListAsync(ct);
    }

    /// <summary>Null when there is none.</summary>
    public async Task<ClientProfile?> FindAsync(string clientId, CancellationToken ct)
    {
        await using var context = await accounts.CreateDbContextAsync(ct);
        return await context.ClientProfiles.AsNoTracking().FirstOrDefaultAsync(c => c.ClientId == clientId, ct);
    }

    /// <summary>Nothing that the client has been given counts any more, and it is given nothing (security S-16).</summary>
    public async Task DisableAsync(string clientId, string by, CancellationToken ct)
    {
        await ChangeAsync(clientId, by, profile => profile.IsDisabled = true, ct);
        await using var scope = scopes.CreateAsyncScope();
        var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        if (await applications.FindByClientIdAsync(clientId, ct) is { } application && await applications.GetIdAsync(application, ct) is { } id)
        {
            await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().RevokeByApplicationIdAsync(id, ct);
            await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().RevokeByApplicationIdAsync(id, ct);
        }

        validated.Clear();
        await events.ClientAsync("disabled", clientId, by, ct);
    }

    /// <summary>Gives the client other keys or a new secret; the old ones count no more. Answers the new secret, if it has one.</summary>
    public async Task<string?> RotateAsync(string clientId, string? jwks, string? jwksUri, string by, CancellationToken ct)
    {
        if (ClientRules.KeyFaults(jwks, jwksUri, outbound).FirstOrDefault() is { } fault)
            throw new ClientException(fault);
        var profile = await FindAsync(clientId, ct) ?? throw new ClientException($"There is no client {clientId}.");
        var signs = (profile.Jwks ?? profile.JwksUri) is not null;
        if (profile.Kind is ClientKind.Public or ClientKind.Native)
            throw new ClientException($"{clientId} is a public app: it has neither keys nor a secret.");
        if (signs == ((jwks is null) == (jwksUri is null)))
            throw new ClientException(signs ? $"{clientId} signs: give its new public keys by --jwks file or --jwks-uri address." : $"{clientId} has a secret; a new one is made, so give no keys.");

        string? secret = null;
        if (!signs)
        {
            await using var scope = scopes.CreateAsyncScope();
            var applications = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
            secret = NewSecret();
            await applications.UpdateAsync((await applications.FindByClientIdAsync(clientId, ct))!, secret, ct);
        }

        await ChangeAsync(clientId, by, p => (p.Jwks, p.JwksUri) = (jwks, jwksUri), ct);
        await events.ClientAsync("keys changed", clientId, by, ct);
        return secret;
    }

    private async Task ChangeAsync(string clientId, string by, Action<ClientProfile> change, CancellationToken ct)
    {
        await using var context = await accounts.CreateDbContextAsync(ct);
        var profile = await context.ClientProfiles.FirstOrDefaultAsync(c => c.ClientId == clientId, ct) ?? throw new ClientException($"There is no client {clientId}.");
        change(profile);
        (profile.ChangedAt, profile.ChangedBy) = (clock.GetUtcNow(), by);
        await context.SaveChangesAsync(ct);
    }

    private static OpenIddictApplicationDescriptor Describe(ClientRegistration client, string? secret)
    {
        var descriptor = new OpenIddictApplicationDescriptor
        {
            ClientId = client.Id,
            ClientSecret = secret,
            DisplayName = client.Name ?? client.Id,
            ApplicationType = client.Kind == ClientKind.Native ? ApplicationTypes.Native : ApplicationTypes.Web,
            ClientType = client.Kind is ClientKind.Public or ClientKind.Native ? ClientTypes.Public : ClientTypes.Confidential,
            ConsentType = ConsentTypes.Explicit,

            // OpenIddict wants keys or a secret of whoever is confidential. It never sees an assertion: they are checked against the profile.
            JsonWebKeySet = client.Kind is ClientKind.Public or ClientKind.Native || secret is not null ? null : NobodysKeys(),
        };
        foreach (var uri in client.RedirectUris)
            descriptor.RedirectUris.Add(new Uri(uri));
        descriptor.Permissions.UnionWith([Permissions.Endpoints.Token, Permissions.Endpoints.Revocation]);
        if (descriptor.ClientType == ClientTypes.Confidential)
            descriptor.Permissions.Add(Permissions.Endpoints.Introspection); // S-18: who asks about tokens proves who they are
        descriptor.Permissions.UnionWith(client.HasUsers
            ? [Permissions.Endpoints.Authorization, Permissions.GrantTypes.AuthorizationCode, Permissions.GrantTypes.RefreshToken, Permissions.ResponseTypes.Code]
            : [Permissions.GrantTypes.ClientCredentials]);
        return descriptor;
    }

    private static IEnumerable<string> LaunchKinds(ClientRegistration client)
    {
        if (!client.HasUsers)
            yield break;
        yield return "standalone";
        if (client.Scopes.Contains(Scopes.ScopeGrant.Launch))
            yield return "ehr";
    }

    /// <summary>A public key whose private half has never been kept.</summary>
    internal static JsonWebKeySet NobodysKeys()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var half = ECDsa.Create(pair.ExportParameters(includePrivateParameters: false));
        var key = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(half) { KeyId = "nobody" });
        key.Use = JsonWebKeyUseNames.Sig;
        var set = new JsonWebKeySet();
        set.Keys.Add(key);
        return set;
    }

    private static string NewSecret() => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));
}

/// <summary>A client cannot be registered or changed as was asked: sentences with the fix.</summary>
internal sealed class ClientException(string message) : Exception(message);
