using System.Text.Json;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Scopes;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Microsoft.EntityFrameworkCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Authorization = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreAuthorization<long>;
using Token = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreToken<long>;

namespace FhirEmr.FhirServer.Security.Smart.Authorize;

/// <summary>What users have allowed apps: the authorizations that still have a token, and those they asked not to be asked about again.</summary>
internal sealed class AppGrants(IDbContextFactory<AccountsContext> accounts, ValidatedTokens validated, SmartEvents events, TimeProvider clock) : IAppGrants
{
    public async Task<IReadOnlyList<AppGrant>> ListAsync(string userId, CancellationToken ct)
    {
        await using var database = await accounts.CreateDbContextAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
        var live = database.Set<Token>().Where(t => t.Subject == userId && (t.Status == Statuses.Valid || t.Status == Statuses.Inactive) && (t.ExpirationDate == null || t.ExpirationDate > now)).Select(t => t.Authorization!.Id);
        var found = await database.Set<Authorization>()
            .Where(a => a.Subject == userId && a.Status == Statuses.Valid && a.Application != null && (a.Type == AuthorizationTypes.Permanent || live.Contains(a.Id)))
            .Select(a => new { ClientId = a.Application!.ClientId!, Name = a.Application.DisplayName, a.Scopes, a.Properties, a.CreationDate })
            .ToListAsync(ct);
        return [.. found.GroupBy(a => a.ClientId, StringComparer.Ordinal).Select(app => new AppGrant(
                app.Key,
                app.First().Name is { Length: > 0 } name ? name : app.Key,
                [.. app.SelectMany(a => Scopes(a.Scopes)).Select(s => ScopeWords.Of(s, "the record it was let in for")).Distinct()],
                [.. app.Select(a => Patient(a.Properties)).OfType<string>().Distinct()],
                new(app.Min(a => a.CreationDate) ?? now, TimeSpan.Zero)))
            .OrderBy(a => a.Name, StringComparer.CurrentCultureIgnoreCase)];
    }

    public async Task<string?> TakeBackAsync(string userId, string clientId, CancellationToken ct)
    {
        if ((await ListAsync(userId, ct)).FirstOrDefault(a => a.ClientId == clientId) is not { } app)
            return null;
        await events.TakenBackAsync(clientId, userId, ct);
        await using var database = await accounts.CreateDbContextAsync(ct);
        await TokenRevocation.OfUserAsync(database, userId, clientId, ct);
        validated.Clear();
        return app.Name;
    }

    private static string[] Scopes(string? json) => json is null ? [] : JsonSerializer.Deserialize<string[]>(json)!;

    private static string? Patient(string? json)
    {
        if (json is null)
            return null;
        using var properties = JsonDocument.Parse(json);
        return properties.RootElement.TryGetProperty("patient", out var patient) ? patient.GetString() : null;
    }
}
