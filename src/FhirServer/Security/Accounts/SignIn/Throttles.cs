using FhirEmr.FhirServer.Security.Accounts.Schema;
using Microsoft.EntityFrameworkCore;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>Counts failures to sign in, per name and per address, in the database that all nodes share (security S-22).</summary>
/// <remarks>
/// An attempt takes its place before the password is looked at: a hundred attempts at the same moment get no more than the few that one after
/// the other would.
/// </remarks>
internal sealed class Throttles(TimeProvider clock)
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(2);

    /// <summary>Five failures lock a name for 15 minutes, then for twice as long each time, up to a day.</summary>
    private static readonly Rule OfName = new(5, TimeSpan.FromMinutes(15), TimeSpan.FromHours(24), TimeSpan.FromDays(2));

    /// <summary>A whole practice may sit behind one address, and mistypes: more are taken, and they are forgotten soon.</summary>
    private static readonly Rule OfAddress = new(50, TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromMinutes(15));

    public static string NameKey(string userName) => Secret.Hash("name " + userName.Trim().ToUpperInvariant());

    public static string AddressKey(string address) => Secret.Hash("address " + address);

    /// <summary>Whether one more attempt under the name may be looked at.</summary>
    public Task<bool> TakeNameAsync(AccountsContext accounts, string key, CancellationToken ct) => TakeAsync(accounts, key, OfName, ct);

    /// <summary>Null when the address may try once more; else when it may again.</summary>
    public async Task<DateTimeOffset?> TakeAddressAsync(AccountsContext accounts, string key, CancellationToken ct)
    {
        if (await TakeAsync(accounts, key, OfAddress, ct))
            return null;
        return await accounts.Throttles.Where(t => t.Id == key).Select(t => t.LockedUntil).FirstOrDefaultAsync(ct) ?? clock.GetUtcNow() + OfAddress.First;
    }

    /// <summary>The attempt failed: true when that locked the name.</summary>
    public Task<bool> NameFailedAsync(AccountsContext accounts, string key, CancellationToken ct) => LockWhenFullAsync(accounts, key, OfName, ct);

    public Task AddressFailedAsync(AccountsContext accounts, string key, CancellationToken ct) => LockWhenFullAsync(accounts, key, OfAddress, ct);

    /// <summary>What was taken was right: the address gets its place back, no more, or whoever has one account could try all others for ever.</summary>
    public static Task GiveBackAddressAsync(AccountsContext accounts, string key, CancellationToken ct) =>
        accounts.Throttles.Where(t => t.Id == key && t.LockedUntil == null && t.Failures > 0).ExecuteUpdateAsync(t => t.SetProperty(x => x.Failures, x => x.Failures - 1), ct);

    /// <summary>Lets the name start anew; false when it had no failures.</summary>
    public static async Task<bool> ForgetAsync(AccountsContext accounts, string nameKey, CancellationToken ct) =>
        await accounts.Throttles.Where(t => t.Id == nameKey).ExecuteDeleteAsync(ct) > 0;

    private async Task<bool> TakeAsync(AccountsContext accounts, string key, Rule rule, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (lastKept, lastForgotten) = (now - rule.Forget, now - Forgotten);
        for (var isAdded = false; ; isAdded = true)
        {
            await accounts.Throttles.Where(t => t.Id == key && t.LockedUntil <= now)
                .ExecuteUpdateAsync(t => t.SetProperty(x => x.Failures, 0).SetProperty(x => x.LockedUntil, (DateTimeOffset?)null), ct);
            await accounts.Throttles.Where(t => t.Id == key && t.LockedUntil == null && t.LastFailure < lastKept).ExecuteUpdateAsync(t => t.SetProperty(x => x.Failures, 0), ct);
            if (await accounts.Throttles.Where(t => t.Id == key && t.LockedUntil == null && t.Failures < rule.Failures)
                    .ExecuteUpdateAsync(t => t.SetProperty(x => x.Failures, x => x.Failures + 1).SetProperty(x => x.LastFailure, now), ct) > 0)
                return true;
            if (isAdded || await accounts.Throttles.AnyAsync(t => t.Id == key, ct))
            {
                // Full, and not locked: whoever took the last place was interrupted before it could lock.
                await LockWhenFullAsync(accounts, key, rule, ct);
                return false;
            }

            await accounts.Throttles.Where(t => t.LastFailure < lastForgotten && (t.LockedUntil == null || t.LockedUntil < now)).ExecuteDeleteAsync(ct);
            await AddAsync(accounts, key, now, ct);
        }
    }

    private static async Task AddAsync(AccountsContext accounts, string key, DateTimeOffset now, CancellationToken ct)
    {
        var row = accounts.Throttles.Add(new SignInThrottle { Id = key, LastFailure = now });
        try
        {
            await accounts.SaveChangesAsync(ct);
        }
        catch (DbUpdateException)
        {
            // Somebody else added it at the same moment: it is there, and that is all that matters.
        }

        row.State = EntityState.Detached;
    }

    private async Task<bool> LockWhenFullAsync(AccountsContext accounts, string key, Rule rule, CancellationToken ct)
    {
        if (await accounts.Throttles.AsNoTracking().FirstOrDefaultAsync(t => t.Id == key && t.LockedUntil == null && t.Failures >= rule.Failures, ct) is not { } full)
            return false;
        var until = clock.GetUtcNow() + rule.Duration(full.Lockouts);
        return await accounts.Throttles.Where(t => t.Id == key && t.LockedUntil == null && t.Failures >= rule.Failures)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.LockedUntil, until).SetProperty(x => x.Lockouts, x => x.Lockouts + 1), ct) > 0;
    }

    private sealed record Rule(int Failures, TimeSpan First, TimeSpan Longest, TimeSpan Forget)
    {
        public TimeSpan Duration(int lockoutsBefore) => lockoutsBefore >= 10 ? Longest : TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << lockoutsBefore));
    }
}
