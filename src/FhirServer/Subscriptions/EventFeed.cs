using System.Data.Common;
using System.Globalization;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Bodies;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Query;
using FhirEmr.FhirServer.Storage.Subscriptions;

namespace FhirEmr.FhirServer.Subscriptions;

/// <summary>Follows the change feed and keeps, for each subscription, which changes it has to be told of; on one node at a time.</summary>
/// <remarks>
/// Writes cost nothing for it: what happened is read from the store's own log of commits, never ahead of one that may still come before (reliability
/// The events and how far the feed was followed are committed together, provided that the lease is still this node's: a node that is killed or
/// overtaken leaves none out and makes none twice. Events are numbered here, without a gap.
/// </remarks>
internal sealed partial class EventFeed(
    IResourceStore store, Interests interests, ISubscriptionOwners owners, StoredRows rows, BodyCodec codec, CommitBell commits, EventBell events, IServerIdentity server,
    TimeProvider clock, ILogger<EventFeed> log) : BackgroundService
{
    private const string JobId = "subscription-events", JobKind = "subscription-feed", JobClient = "FhirEmr";
    private const int ChangesAtOnce = 500;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan KeptInterest = TimeSpan.FromMinutes(1);

    private static readonly Task Never = new TaskCompletionSource().Task;

    private readonly string owner = Guid.NewGuid().ToString("N");
    private readonly Dictionary<long, Followed> followed = [];
    private readonly Dictionary<long, long> numbers = [];
    private long position;
    private bool leads;
    private DateTimeOffset renewAt;
    private TimeSpan pause = LookEvery;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private long Until => Now + (long)Lease.TotalMilliseconds;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var (rung, written) = (commits.Next, events.Next);
            var patience = pause;
            try
            {
                switch (await TurnAsync(stoppingToken))
                {
                    case Turn.Full:
                        continue;
                    case Turn.Some:
                        await Task.Delay(Breath, clock, stoppingToken); // what comes meanwhile is read together
                        continue;
                    case Turn.Nobody:
                        (rung, patience) = (written, LookEvery); // then writes need not wake it, but a subscription has to
                        break;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is StorageUnavailableException or StorageFailedException or StorageFullException or DbException)
            {
                (leads, rung, patience) = (false, Never, LookEvery); // what is known of it now stands in the table
                Failed(log, e);
            }
            catch (Exception e)
            {
                (leads, rung, patience) = (false, Never, 5 * LookEvery);
                Failed(log, e);
            }

            await rung.WaitAsync(patience, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // A commit that has rung may lie behind another that is still under way: then it is looked for again, soon and ever later.
            pause = rung.IsCompleted && store.Dialect != SqlDialect.Sqlite ? TimeSpan.FromMilliseconds(20) : pause * 2 > LookEvery ? LookEvery : pause * 2;
        }

        await ReleaseAsync();
    }

    private async Task<Turn> TurnAsync(CancellationToken ct)
    {
        if (!leads)
        {
            if ((await LiveAsync(ct)).Count == 0 || !await LeadAsync(ct))
                return Turn.Nobody; // there is nobody to tell anything, or another node does
        }
        else if (clock.GetUtcNow() >= renewAt && !await CheckpointAsync([], position))
        {
            return Turn.Nobody;
        }

        var changes = await store.ChangesAsync(position, ChangesAtOnce, SystemPlans.Subscriptions, ct);
        if (changes.Count == 0)
            return Turn.Nothing;

        // Read after the changes: whatever was accepted before one of them was written is in it.
        var live = await LiveAsync(ct);
        if (live.Count == 0)
        {
            await ReleaseAsync();
            return Turn.Nobody;
        }

        if (live.Min(s => s.After) is var first && first > position && changes[^1].Sequence < first)
        {
            position = first; // nobody was there for what came before
            return Turn.Full;
        }

        var (found, end) = await EventsAsync(changes, live, ct);
        ct.ThrowIfCancellationRequested();
        if (found.Count == 0)
            position = end;
        else if (await CheckpointAsync(found, end))
            events.RingFor(found.Select(f => (f.Item1, f.Item2)));
        else
            return Turn.Nobody;
        return changes.Count == ChangesAtOnce || end < changes[^1].Sequence ? Turn.Full : Turn.Some;
    }

    /// <returns>The events, and how far the changes were looked at: all of them, unless they are large.</returns>
    private async Task<(List<(long, long, long, int, long)> Found, long End)> EventsAsync(IReadOnlyList<Change> changes, IReadOnlyList<SubscriptionRow> live, CancellationToken ct)
    {
        var told = new List<(SubscriptionRow Row, Interest Interest, AccessPlan Access)>();
        foreach (var row in live)
            if (await InterestAsync(row, ct) is var (interest, access))
                told.Add((row, interest, access));
            else if (row.State is SubscriptionState.Active or SubscriptionState.Socket && row.Due > Now)
                await CommitAsync(SubscriptionSql.Hasten(row.Sid)); // whoever delivers finds out why, and says so
        foreach (var gone in followed.Keys.Except(live.Select(l => l.Sid)).ToList())
        {
            followed.Remove(gone);
            numbers.Remove(gone);
        }

        var types = told.SelectMany(t => t.Interest.Triggers).Select(t => t.Trigger.Type).ToHashSet(StringComparer.Ordinal);
        var set = await ChangeSet.ReadAsync(store, codec, rows, changes, types, (version, e) => Unreadable(log, e, version.Key.ToString(), version.Version), ct);
        var found = new List<(long, long, long, int, long)>();
        foreach (var change in set.Changes)
            foreach (var (row, interest, access) in told)
                if (change.Sequence > row.After && change.LastUpdated < interest.End && await set.IsEventAsync(change, interest, access, ct))
                    found.Add((row.Sid, await NumberAsync(row, ct), change.Sid, change.Version, change.LastUpdated.ToUnixTimeMilliseconds()));
        return (found, set.End);
    }

    /// <summary>What a subscription asks for and what its owner may now; null when it is owed nothing: its owner may not see it any more, or it cannot be read.</summary>
    private async ValueTask<(Interest Interest, AccessPlan Access)?> InterestAsync(SubscriptionRow row, CancellationToken ct)
    {
        var owner = followed.TryGetValue(row.Sid, out var known) && known.Written == row.Owner ? known.Owner : SubscriptionOwner.Read(row.Owner);
        if (await owner.CallerAsync(owners, ct) is not { Access: var access })
            return null;
        if (known is not null && known.Version == row.Version && known.Plan == access.Key && clock.GetUtcNow() < known.Until)
            return known.Interest is { } kept ? (kept, access) : null;

        Interest? interest = null;
        if (await store.ReadVersionAsync(new("Subscription", row.Id), row.Version, SystemPlans.Subscriptions, ct) is { IsDeleted: false } resource && SubscriptionRequest.Read(resource.Json).Request is { } request)
            (interest, _) = await interests.ReadAsync(request, access, server.FhirBase, ct);
        followed[row.Sid] = new(row.Version, row.Owner, owner, access.Key, interest, interest is { IsLasting: true } ? clock.GetUtcNow() + KeptInterest : DateTimeOffset.MinValue);
        return interest is null ? null : (interest, access);
    }

    private async ValueTask<long> NumberAsync(SubscriptionRow row, CancellationToken ct)
    {
        if (!numbers.TryGetValue(row.Sid, out var last))
        {
            await using var session = await store.SnapshotAsync(SystemPlans.Subscriptions, ct);
            last = Math.Max(row.Delivered, await session.QueryAsync(SubscriptionSql.LastNumber(store.Dialect, row.Sid), r => r.IsNull(0) ? 0 : r.Int64(0), ct) is [var number] ? number : 0);
        }

        return numbers[row.Sid] = last + 1;
    }

    private async Task<IReadOnlyList<SubscriptionRow>> LiveAsync(CancellationToken ct)
    {
        await using var session = await store.SnapshotAsync(SystemPlans.Subscriptions, ct);
        return await session.QueryAsync(SubscriptionSql.Live, SubscriptionRow.Read, ct);
    }

    private async Task<bool> LeadAsync(CancellationToken ct)
    {
        if (await store.JobAsync(JobId, JobClient, ct) is null)
            await CommitAsync(JobSql.Add(new(JobId, JobKind, JobState.Queued, JobClient, Now, Now, "-1", []), []));

        // Alone, whoever held it is dead.
        if ((!await CommitAsync(JobSql.Renew(JobId, owner, Until)) && !await CommitAsync(JobSql.Claim(JobId, owner, store.IsAlone ? long.MaxValue : Now, Until))) || await store.JobAsync(JobId, JobClient, ct) is not { } job)
            return false;
        (leads, renewAt) = (true, clock.GetUtcNow() + RenewEvery);
        position = long.Parse(job.Progress, CultureInfo.InvariantCulture);
        followed.Clear();
        numbers.Clear();
        return true;
    }

    /// <summary>The events and the place up to which they were found are kept together; only then it is the place to go on from, when the server stops, too.</summary>
    private async Task<bool> CheckpointAsync(List<(long, long, long, int, long)> found, long end)
    {
        var plan = new CommitPlan();
        if (found.Count > 0)
            plan.Records.Add(SubscriptionSql.NewEvents(found));
        plan.Statements.Add(JobSql.Checkpoint(JobId, owner, Now, Until, end.ToString(CultureInfo.InvariantCulture)));
        leads = await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
        position = end; // read again where another leads
        renewAt = clock.GetUtcNow() + RenewEvery;
        return leads;
    }

    private async Task ReleaseAsync()
    {
        if (!leads)
            return;
        leads = false;
        try
        {
            await CommitAsync(JobSql.Checkpoint(JobId, owner, Now, 0, position.ToString(CultureInfo.InvariantCulture)));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(log, e); // the store is closing: the lease ends by itself
        }
    }

    private async Task<bool> CommitAsync(PlanStatement statement)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(statement);
        return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
    }

    /// <summary>What a turn came upon.</summary>
    private enum Turn
    {
        /// <summary>Nobody to tell, or another node that does.</summary>
        Nobody,
        Nothing,
        Some,

        /// <summary>As many changes as are read at once: there are more.</summary>
        Full,
    }

    private sealed record Followed(int Version, string Written, SubscriptionOwner Owner, string Plan, Interest? Interest, DateTimeOffset Until);

    [LoggerMessage(Level = LogLevel.Error, Message = "The change feed could not be followed for subscriptions; it is gone on with from what was committed")]
    private static partial void Failed(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "Version {Version} of {Key} cannot be read and makes no event")]
    private static partial void Unreadable(ILogger log, Exception e, string key, int version);
}
