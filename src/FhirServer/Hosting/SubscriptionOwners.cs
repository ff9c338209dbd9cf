using System.Collections.Concurrent;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Smart.Scopes;
using FhirEmr.FhirServer.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>What the owners of subscriptions may now: their token is long over, so users and clients are asked themselves (security.md S-40).</summary>
/// <remarks>Scopes that the client is no longer registered for are lost; the rest is intersected with the roles of today, as for a request.</remarks>
internal sealed class SubscriptionOwners(IAccessPlanner planner, IDbContextFactory<AccountsContext> accounts, IOptions<AuthOptions> auth, TimeProvider clock) : ISubscriptionOwners
{
    private const int MostKept = 10_000;
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<Principal, (Principal? Now, DateTimeOffset Until)> known = new();

    public async ValueTask<AccessPlan?> PlanAsync(Principal principal, CancellationToken ct) =>
        await NowAsync(principal, ct) is { } now ? await planner.PlanAsync(now, ct) : null;

    private async ValueTask<Principal?> NowAsync(Principal principal, CancellationToken ct)
    {
        if (auth.Value.Mode == AuthOptions.External)
            return principal; // whom another issuer vouches for is not known here but by roles
        var at = clock.GetUtcNow();
        if (known.TryGetValue(principal, out var kept) && kept.Until > at)
            return kept.Now;
        var now = await FindAsync(principal, ct);
        if (known.Count >= MostKept)
            known.Clear();
        known[principal] = (now, at + Kept);
        return now;
    }

    private async Task<Principal?> FindAsync(Principal principal, CancellationToken ct)
    {
        await using var context = await accounts.CreateDbContextAsync(ct);
        if (await context.ClientProfiles.AsNoTracking().FirstOrDefaultAsync(c => c.ClientId == principal.ClientId, ct) is not { IsDisabled: false } client)
            return null;
        if (principal.UserId is { } user && await context.Users.AsNoTracking().Where(u => u.Id == user).Select(u => (bool?)u.IsDisabled).FirstOrDefaultAsync(ct) is not false)
            return null;
        var asked = principal.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var granted = principal.UserId is null ? ScopeGrant.ForSystem(asked, client.AllowedScopes) : ScopeGrant.ForUser(asked, client.AllowedScopes);
        return principal with { Scopes = string.Join(' ', granted) };
    }
}
