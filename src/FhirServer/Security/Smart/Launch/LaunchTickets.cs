using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Smart.Launch;

/// <summary>The <c>launch</c> values of EHR launches: for one user, one app, one context, once, within minutes (security S-12).</summary>
internal sealed class LaunchTickets(IDbContextFactory<AccountsContext> accounts, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>Answers the value to open the app with; only its hash is kept.</summary>
    public async Task<string> MakeAsync(LaunchRequest request, string userId, CancellationToken ct)
    {
        var value = Secret.New();
        await using var database = await accounts.CreateDbContextAsync(ct);
        database.Add(new LaunchContext
        {
            Id = Secret.Hash(value),
            UserId = userId,
            ClientId = request.ClientId,
            Patient = request.Patient,
            Encounter = request.Encounter,
            Intent = request.Intent,
            FhirContext = request.FhirContext,
            Expires = clock.GetUtcNow() + Life,
        });
        await database.SaveChangesAsync(ct);
        return value;
    }

    /// <summary>Null when there is no such launch for this user and this app, or not any more.</summary>
    public async Task<LaunchContext?> FindAsync(string value, string userId, string clientId, CancellationToken ct)
    {
        var (id, now) = (Secret.Hash(value), clock.GetUtcNow());
        await using var database = await accounts.CreateDbContextAsync(ct);
        return await database.LaunchContexts.AsNoTracking()
            .FirstOrDefaultAsync(l => l.Id == id && l.UserId == userId && l.ClientId == clientId && l.Used == null && l.Expires > now, ct);
    }

    /// <summary>Uses it up; false when somebody was faster.</summary>
    public async Task<bool> UseAsync(string id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var database = await accounts.CreateDbContextAsync(ct);
        return await database.LaunchContexts.Where(l => l.Id == id && l.Used == null && l.Expires > now).ExecuteUpdateAsync(l => l.SetProperty(x => x.Used, now), ct) > 0;
    }
}

/// <summary>What an app is to be opened with.</summary>
/// <param name="FhirContext">JSON of further references, as SMART App Launch 2.2 has them in <c>fhirContext</c>.</param>
internal sealed record LaunchRequest(string ClientId, string? Patient, string? Encounter, string? Intent, string? FhirContext);
