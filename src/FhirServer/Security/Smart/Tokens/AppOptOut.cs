using System.Globalization;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;
using Authorization = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreAuthorization<long>;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>Takes back what apps hold of a patient who wants no access by them (security S-16, S-46).</summary>
internal sealed class AppOptOut(IDbContextFactory<AccountsContext> accounts, ValidatedTokens validated, SmartEvents events)
{
    /// <param name="names">As a Consent names those it denies; those that are no clients of this server have no tokens.</param>
    public async Task RevokeAsync(string patient, IReadOnlyCollection<string> names, CancellationToken ct)
    {
        await using var database = await accounts.CreateDbContextAsync(ct);
        var clients = await database.ClientProfiles.Where(c => names.Contains(c.ClientId)).Select(c => c.ClientId).ToListAsync(ct);
        if (clients.Count == 0)
            return;
        await events.RevokedAsync($"Patient/{patient} opted out of {string.Join(' ', clients)}", null, ct);
        await TokenRevocation.OfPatientAsync(database, clients, patient, ct);
        validated.Clear();
    }
}

/// <summary>Notes with an authorization whose record it was given for: the patient may be another than the user, whom it is kept by.</summary>
internal sealed class PatientTie(IDbContextFactory<AccountsContext> accounts) : IOpenIddictServerHandler<ProcessSignInContext>
{
    public static OpenIddictServerHandlerDescriptor Descriptor { get; } = OpenIddictServerHandlerDescriptor.CreateBuilder<ProcessSignInContext>()
        .UseScopedHandler<PatientTie>()
        .SetOrder(AttachAuthorization.Descriptor.Order + 600)
        .SetType(OpenIddictServerHandlerType.Custom)
        .Build();

    public async ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType != OpenIddictServerEndpointType.Authorization || context.Principal!.GetClaim(SmartClaims.Patient) is not { } patient
            || !long.TryParse(context.Principal!.GetAuthorizationId(), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return;
        await using var database = await accounts.CreateDbContextAsync(context.CancellationToken);
        await database.Set<Authorization>().Where(a => a.Id == id)
            .ExecuteUpdateAsync(a => a.SetProperty(x => x.Properties, TokenRevocation.ForPatient(patient)), context.CancellationToken);
    }
}
