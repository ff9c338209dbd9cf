using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Authorization = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreAuthorization<long>;
using Token = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreToken<long>;

namespace FhirEmr.FhirServer.Security.Accounts;

/// <summary>Takes back what apps were given, at once and in the database: commands beside the server do it too (security S-16).</summary>
/// <remarks>The subject of tokens is the account's key.</remarks>
internal static class TokenRevocation
{
    /// <summary>Everything any app holds of the user: password or role changed, account disabled.</summary>
    public static async Task OfUserAsync(AccountsContext accounts, string userId, CancellationToken ct)
    {
        await accounts.Set<Authorization>().Where(a => a.Subject == userId && a.Status != Statuses.Revoked)
            .ExecuteUpdateAsync(a => a.SetProperty(x => x.Status, Statuses.Revoked), ct);
        await accounts.Set<Token>().Where(t => t.Subject == userId && t.Status != Statuses.Revoked)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.Status, Statuses.Revoked), ct);
    }

    /// <summary>Everything one app holds of the user, who takes it back.</summary>
    public static async Task OfUserAsync(AccountsContext accounts, string userId, string clientId, CancellationToken ct)
    {
        await accounts.Set<Authorization>().Where(a => a.Subject == userId && a.Application!.ClientId == clientId && a.Status != Statuses.Revoked)
            .ExecuteUpdateAsync(a => a.SetProperty(x => x.Status, Statuses.Revoked), ct);
        await accounts.Set<Token>().Where(t => t.Subject == userId && t.Application!.ClientId == clientId && t.Status != Statuses.Revoked)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.Status, Statuses.Revoked), ct);
    }

    /// <summary>What was given to these apps for the record of the patient, whoever gave it, and by the patient themself for whatever.</summary>
    public static async Task OfPatientAsync(AccountsContext accounts, IReadOnlyCollection<string> clientIds, string patient, CancellationToken ct)
    {
        var (properties, themself) = (ForPatient(patient), "Patient/" + patient);
        var own = accounts.Users.Where(u => u.FhirUser == themself).Select(u => u.Id);
        await accounts.Set<Authorization>().Where(a => clientIds.Contains(a.Application!.ClientId!) && (a.Properties == properties || own.Contains(a.Subject!)) && a.Status != Statuses.Revoked)
            .ExecuteUpdateAsync(a => a.SetProperty(x => x.Status, Statuses.Revoked), ct);
        await accounts.Set<Token>().Where(t => clientIds.Contains(t.Application!.ClientId!) && (t.Authorization!.Properties == properties || own.Contains(t.Subject!)) && t.Status != Statuses.Revoked)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.Status, Statuses.Revoked), ct);
    }

    /// <summary>The properties of an authorization that was given for the record of a patient; an id has no character that JSON would escape.</summary>
    public static string ForPatient(string patient) => $$"""{"patient":"{{patient}}"}""";

    /// <summary>What was granted for the time of the session (<c>online_access</c>).</summary>
    public static async Task OfSessionAsync(AccountsContext accounts, string sessionId, CancellationToken ct)
    {
        var bound = accounts.SessionAuthorizations.Where(s => s.SessionId == sessionId).Select(s => s.AuthorizationId);
        await accounts.Set<Authorization>().Where(a => bound.Contains(a.Id) && a.Status != Statuses.Revoked)
            .ExecuteUpdateAsync(a => a.SetProperty(x => x.Status, Statuses.Revoked), ct);
        await accounts.Set<Token>().Where(t => bound.Contains(t.Authorization!.Id) && t.Status != Statuses.Revoked)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.Status, Statuses.Revoked), ct);
    }
}
