using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>What users have allowed apps and asked not to be asked again; taken back with everything else that the app holds of them.</summary>
internal sealed class Consents(IOpenIddictApplicationManager applications, IOpenIddictAuthorizationManager authorizations)
{
    public async Task<bool> CoverAsync(string userId, string clientId, IEnumerable<string> scopes, CancellationToken ct)
    {
        var application = (await applications.FindByClientIdAsync(clientId, ct))!;
        await foreach (var _ in authorizations.FindAsync(userId, await applications.GetIdAsync(application, ct), Statuses.Valid, AuthorizationTypes.Permanent, [.. scopes], ct))
            return true;
        return false;
    }

    public async Task RememberAsync(string userId, string clientId, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        if (await CoverAsync(userId, clientId, scopes, ct))
            return;
        var application = (await applications.FindByClientIdAsync(clientId, ct))!;
        var descriptor = new OpenIddictAuthorizationDescriptor
        {
            ApplicationId = await applications.GetIdAsync(application, ct),
            Status = Statuses.Valid,
            Subject = userId,
            Type = AuthorizationTypes.Permanent,
        };
        descriptor.Scopes.UnionWith(scopes);
        await authorizations.CreateAsync(descriptor, ct);
    }
}
