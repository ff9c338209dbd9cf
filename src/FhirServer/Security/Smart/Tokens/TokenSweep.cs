using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace FhirEmr.FhirServer.Security.Smart.Tokens;

/// <summary>Removes rows of tokens, launches and assertions that have been over for so long that nobody can show them any more.</summary>
internal sealed class TokenSweep(IServiceScopeFactory scopes, IDbContextFactory<AccountsContext> accounts, TimeProvider clock)
{
    /// <summary>Refused tokens are still told apart from unknown ones for so long.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    public async Task RunAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(now - Kept, ct);
        await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(now - Kept, ct);
        await using var database = await accounts.CreateDbContextAsync(ct);
        await database.UsedAssertions.Where(a => a.Expires < now).ExecuteDeleteAsync(ct);
        await database.LaunchContexts.Where(l => l.Expires < now - Kept).ExecuteDeleteAsync(ct);
    }
}
