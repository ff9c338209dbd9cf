using System.Collections.Concurrent;
using System.Data.Common;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Subscriptions;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>Finds subscriptions that something is to be done for and runs each on its own, so that none waits for another.</summary>
/// <remarks>
/// All it knows is in the table (reliability R-31). A subscription is leased while it is worked on, so that one node at a time tells its subscriber; a node that
/// dies lets the lease end. Where there are events one after the other a run is kept for a moment, which saves taking the lease each time.
/// </remarks>
internal sealed partial class DeliveryWorker(
    IResourceStore store, SubscriptionBook book, Delivery delivery, EventBell bell, IOptions<SubscriptionOptions> options, TimeProvider clock, ILogger<DeliveryWorker> log) : BackgroundService
{
    private const int MostAtOnce = 64;
    private const int MostKept = 32;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstSweepAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(30);

    private readonly string owner = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<long, Task> running = new();
    private readonly ConcurrentDictionary<long, Wait> waits = new();
    private DateTimeOffset nextSweep = clock.GetUtcNow() + FirstSweepAfter;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var rung = bell.Next;
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                Failed(log, e, "looking for subscriptions"); // the database is away or restarting: look again
                rung = new TaskCompletionSource().Task;
            }

            var first = waits.Values.Select(w => w.Until).DefaultIfEmpty(DateTimeOffset.MaxValue).Min() - clock.GetUtcNow();
            var next = TimeSpan.FromTicks(Math.Clamp(first.Ticks, TimeSpan.FromMilliseconds(10).Ticks, LookEvery.Ticks));
            await rung.WaitAsync(next, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running.Values);
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        if (now >= nextSweep)
        {
            await SweepAsync(stopping);
            nextSweep = now + SweepEvery;
        }

        foreach (var (sid, wait) in waits)
            if (wait.Until <= now)
                waits.TryRemove(sid, out _);
        if (running.Count >= MostAtOnce)
            return;
        List<long> due;
        await using (var session = await store.SnapshotAsync(SystemPlans.Subscriptions, stopping))
            due = await session.QueryAsync(SubscriptionSql.Due(store.Dialect, Now, LeasesUntil, MostAtOnce + running.Count + waits.Count), r => r.Int64(0), stopping);
        foreach (var sid in due)
        {
            if (running.Count >= MostAtOnce)
                return;
            if (running.ContainsKey(sid) || waits.GetValueOrDefault(sid) is { IsKept: false } || !await book.CommitAsync(SubscriptionSql.Claim(sid, owner, LeasesUntil, Now + (long)Lease.TotalMilliseconds)))
                continue;
            var started = new TaskCompletionSource();
            running[sid] = Task.Run(async () =>
            {
                await started.Task;
                await RunAsync(sid, stopping);
            }, CancellationToken.None);
            started.SetResult();
        }
    }

    /// <summary>Leases up to this instant count no more. Alone, all that are not this worker's own: whoever held them is dead.</summary>
    private long LeasesUntil => store.IsAlone ? long.MaxValue : Now;

    private async Task RunAsync(long sid, CancellationToken stopping)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var renewal = RenewAsync(sid, lost);
        var stamp = bell.StampOf(sid);
        try
        {
            while (true)
            {
                stamp = bell.StampOf(sid);
                var end = await delivery.RunAsync(sid, owner, lost.Token);
                if (end.Again is { } again)
                    waits[sid] = new(clock.GetUtcNow() + again, end.IsKept);
                if (!end.IsIdle || running.Count > MostKept)
                    break;
                if (!await HasNewsAsync(sid, stamp, lost.Token))
                    break;
            }
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            // The server stops, or another node has it.
        }
        catch (Exception e)
        {
            waits[sid] = new(clock.GetUtcNow() + FailurePause, IsKept: false);
            Failed(log, e, $"subscription {sid}");
        }
        finally
        {
            await lost.CancelAsync();
            await renewal;
            await ReleaseAsync(sid); // of no effect where another has it
            var wasFull = running.Count >= MostAtOnce;
            running.TryRemove(sid, out _);
            if (wasFull || bell.StampOf(sid) != stamp || waits.ContainsKey(sid))
                bell.Ring(); // what came since it was looked at last, or waited for a place, is looked for again
        }
    }

    /// <summary>Waits a moment for more to tell, without looking into the tables.</summary>
    private async Task<bool> HasNewsAsync(long sid, (long, long) stamp, CancellationToken ct)
    {
        var until = clock.GetUtcNow() + Linger;
        while (!ct.IsCancellationRequested)
        {
            var rung = bell.Next;
            if (bell.StampOf(sid) != stamp)
                return true;
            if (until - clock.GetUtcNow() is not { Ticks: > 0 } left)
                return false;
            await rung.WaitAsync(left, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private async Task RenewAsync(long sid, CancellationTokenSource lost)
    {
        var until = clock.GetUtcNow() + Lease;
        try
        {
            while (true)
            {
                await Task.Delay(RenewEvery, clock, lost.Token);
                var next = clock.GetUtcNow() + Lease;
                try
                {
                    if (!await book.CommitAsync(SubscriptionSql.Renew(sid, owner, next.ToUnixTimeMilliseconds())))
                        await lost.CancelAsync();
                    until = next;
                }
                catch (Exception e) when (e is StorageUnavailableException or StorageFailedException or StorageFullException or DbException)
                {
                    Failed(log, e, $"subscription {sid}");
                    if (clock.GetUtcNow() + RenewEvery >= until)
                        await lost.CancelAsync(); // it ends before the next try: another may have it then
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the run is over
        }
        catch (Exception e)
        {
            Failed(log, e, $"subscription {sid}");
            await lost.CancelAsync();
        }
    }

    private async Task ReleaseAsync(long sid)
    {
        try
        {
            await book.CommitAsync(SubscriptionSql.Renew(sid, owner, 0));
        }
        catch (Exception e) when (e is StorageUnavailableException or StorageFailedException or StorageFullException or DbException or ObjectDisposedException)
        {
            Failed(log, e, $"subscription {sid}"); // the lease ends by itself
        }
    }

    private async Task SweepAsync(CancellationToken ct)
    {
        List<long> orphans;
        await using (var session = await store.SnapshotAsync(SystemPlans.Subscriptions, ct))
            orphans = await session.QueryAsync(SubscriptionSql.Orphans, r => r.Int64(0), ct);
        foreach (var sid in orphans)
            await book.CommitAsync([.. SubscriptionSql.Forget(sid)]);
        await book.CommitAsync([.. SubscriptionSql.Sweep(Now - (long)options.Value.EventsKeptFor.TotalMilliseconds)]);
    }

    /// <summary>When a subscription is looked at again.</summary>
    /// <param name="IsKept">The table says so, too, and may say otherwise meanwhile: this only wakes.</param>
    private sealed record Wait(DateTimeOffset Until, bool IsKept);

    [LoggerMessage(Level = LogLevel.Error, Message = "Notifications failed at {What}; they are gone on with from what was committed")]
    private static partial void Failed(ILogger log, Exception e, string what);
}
