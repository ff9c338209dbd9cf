using System.Collections.Frozen;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Smart.Clients;

/// <summary>Origins of registered apps' pages, whose browsers may call the API (security S-86); read again every few seconds while somebody asks.</summary>
internal sealed class ClientOrigins(IDbContextFactory<AccountsContext> accounts, TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private volatile Known known = new([], DateTimeOffset.MinValue);

    public async ValueTask<bool> HasAsync(string origin, CancellationToken ct)
    {
        if (clock.GetUtcNow() - known.At > Kept)
            known = await ReadAsync(ct);
        return known.Origins.Contains(origin);
    }

    private async Task<Known> ReadAsync(CancellationToken ct)
    {
        await using var database = await accounts.CreateDbContextAsync(ct);
        var lists = await database.ClientProfiles.Where(c => !c.IsDisabled && c.AllowedOrigins != "").Select(c => c.AllowedOrigins).ToListAsync(ct);
        return new(lists.SelectMany(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToFrozenSet(StringComparer.OrdinalIgnoreCase), clock.GetUtcNow());
    }

    private sealed record Known(FrozenSet<string> Origins, DateTimeOffset At);
}
