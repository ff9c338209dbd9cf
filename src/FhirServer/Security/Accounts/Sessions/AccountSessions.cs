using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.Sessions;

/// <summary>Sessions in the database: begun, found by the secret in the cookie, ended (security S-23).</summary>
internal sealed class AccountSessions(AccountsDatabase database, TimeProvider clock)
{
    /// <summary>Begins a session; the secret goes into the cookie and is nowhere else.</summary>
    public async Task<(string Secret, LiveSession Session)> BeginAsync(
        AccountsContext accounts, Account account, SessionStage stage, bool isAdministrator, DateTimeOffset? secondFactorAt, string address, string userAgent, CancellationToken ct)
    {
        var (secret, now) = (Secret.New(), clock.GetUtcNow());
        await accounts.SessionAuthorizations.Where(s => accounts.Sessions.Any(x => x.Id == s.SessionId && x.Expires < now)).ExecuteDeleteAsync(ct);
        await accounts.Sessions.Where(s => s.Expires < now).ExecuteDeleteAsync(ct);
        var session = new AccountSession
        {
            Id = Secret.Hash(secret),
            UserId = account.Id,
            Stage = stage,
            IsAdministrator = isAdministrator,
            SecurityStamp = account.SecurityStamp!,
            Created = now,
            LastSeen = now,
            Expires = now + SessionTimes.Longest(stage),
            SecondFactorAt = secondFactorAt,
            Address = address,
            UserAgent = userAgent.Length > 200 ? userAgent[..200] : userAgent,
        };
        accounts.Sessions.Add(session);
        await accounts.SaveChangesAsync(ct);
        return (secret, new(session, account));
    }

    /// <summary>The session of the secret while it holds: not ended, not idle for too long, of an account as it was at sign-in.</summary>
    /// <param name="isActivity">False to look without keeping the session awake.</param>
    public async Task<LiveSession?> FindAsync(string secret, bool isActivity, CancellationToken ct)
    {
        var (id, now) = (Secret.Hash(secret), clock.GetUtcNow());
        await using var accounts = database.CreateDbContext();
        var found = await accounts.Sessions.AsNoTracking().Where(s => s.Id == id && s.Ended == null && s.Expires > now)
            .Join(accounts.Users.AsNoTracking(), s => s.UserId, a => a.Id, (s, a) => new LiveSession(s, a)).FirstOrDefaultAsync(ct);
        if (found is null || found.Account.IsDisabled || found.Account.SecurityStamp != found.Session.SecurityStamp || now - found.Session.LastSeen > SessionTimes.Idle(found.Session))
            return null;
        if (isActivity && now - found.Session.LastSeen > SessionTimes.SeenEvery)
            await accounts.Sessions.Where(s => s.Id == id && s.LastSeen < now).ExecuteUpdateAsync(s => s.SetProperty(x => x.LastSeen, now), ct);
        return found;
    }

    /// <summary>Notes that a second factor was proved just now.</summary>
    public async Task StepUpAsync(AccountsContext accounts, string id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await accounts.Sessions.Where(s => s.Id == id && s.Ended == null).ExecuteUpdateAsync(s => s.SetProperty(x => x.SecondFactorAt, now), ct);
    }

    /// <summary>Ends it, and with it what apps hold for its time; false when it is not the user's, or over.</summary>
    public async Task<bool> EndAsync(AccountsContext accounts, string userId, string id, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await accounts.Database.BeginTransactionAsync(ct);
        var isEnded = await accounts.Sessions.Where(s => s.Id == id && s.UserId == userId && s.Ended == null).ExecuteUpdateAsync(s => s.SetProperty(x => x.Ended, now), ct) > 0;
        if (isEnded)
            await TokenRevocation.OfSessionAsync(accounts, id, ct);
        await transaction.CommitAsync(ct);
        return isEnded;
    }

    /// <summary>The user's sessions that hold, newest first.</summary>
    public async Task<IReadOnlyList<AccountSession>> ListAsync(AccountsContext accounts, Account account, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var open = await accounts.Sessions.AsNoTracking().Where(s => s.UserId == account.Id && s.Ended == null && s.Expires > now && s.Stage == SessionStage.SignedIn)
            .OrderByDescending(s => s.Created).ToListAsync(ct);
        return [.. open.Where(s => s.SecurityStamp == account.SecurityStamp && now - s.LastSeen <= SessionTimes.Idle(s))];
    }
}
