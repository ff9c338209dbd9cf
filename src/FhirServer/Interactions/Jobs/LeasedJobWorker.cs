using System.Data.Common;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Space;

namespace FhirEmr.FhirServer.Interactions.Jobs;

/// <summary>Works on long jobs of one kind, one at a time on each node, and clears away what those that are over have left.</summary>
/// <remarks>
/// Reliability: all that is known of a job is in its row. A job taken is leased; each step is committed with how far the job is, provided
/// that the lease is still this worker's, so one that was killed, cancelled or taken over leaves nothing half done.
/// </remarks>
/// <param name="kind">The kind of jobs it works on; in logs, too.</param>
/// <param name="keptFor">How long what came of a job stays.</param>
internal abstract partial class LeasedJobWorker(string kind, TimeSpan keptFor, IResourceStore store, FreeSpace space, TimeProvider clock, ILogger log) : BackgroundService
{
    protected const int MostFailures = 5;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveFor = TimeSpan.FromSeconds(30);

    private readonly string owner = Guid.NewGuid().ToString("N");
    private readonly SemaphoreSlim added = new(0);

    /// <summary>Jobs that are left to other nodes, and until when.</summary>
    private readonly Dictionary<string, long> left = [];

    protected static TimeSpan LookEvery { get; } = TimeSpan.FromSeconds(2);

    /// <summary>It works on one job only, for a command that waits for it.</summary>
    protected bool IsOfOne { get; private set; }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private long Until => Now + (long)Lease.TotalMilliseconds;

    /// <summary>There may be something to do.</summary>
    public void Wake() => added.Release();

    /// <summary>Takes a job for this worker before any other can: to go behind what adds it.</summary>
    public PlanStatement Claim(string id) => JobSql.Claim(id, owner, Now, Until);

    /// <summary>Works on one job until it is over, instead of on all that are due: other clients' jobs belong to the servers beside a command.</summary>
    public async Task RunOnlyAsync(string id, string client, CancellationToken ct)
    {
        IsOfOne = true;
        var isFirst = true;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (isFirst && store.IsAlone)
                    await CommitAsync(JobSql.Release(kind)); // whoever held one was killed
                isFirst = false;
                if (await store.JobAsync(id, client, ct) is not { State: JobState.Queued or JobState.Running })
                    return;
                if (!space.IsReadOnly && (await CommitAsync(JobSql.Renew(id, owner, Until)) || await CommitAsync(Claim(id))))
                    await RunAsync(id, ct);
                else
                    await PauseAsync(ct); // another worker has it, or had it and its lease is not over
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Fell(log, e, kind, id);
                await PauseAsync(ct);
            }
        }
    }

    /// <summary>Removes a job that is over, with what it left.</summary>
    public async Task ClearAsync(string id, string client)
    {
        if (await store.JobAsync(id, client, CancellationToken.None) is { State: JobState.Done or JobState.Cancelled } job)
            await ClearAsync(id, client, job.Progress, CancellationToken.None);
    }

    public override void Dispose()
    {
        added.Dispose();
        base.Dispose();
    }

    /// <summary>Goes on with a job until it is finished, or no longer this worker's.</summary>
    protected abstract Task WorkAsync(string id, StoredJob job, string client, string progress, CancellationToken ct);

    /// <summary>Contents that a job has made, to be removed when it is over.</summary>
    protected abstract IEnumerable<long> ContentsOf(string progress);

    /// <summary>What a job says of itself after one more failure, and whether that was the last one.</summary>
    protected abstract (string Progress, bool IsOver) Failed(string id, string progress);

    /// <summary>How far it is: to go with the step that got it there.</summary>
    protected PlanStatement Checkpoint(string id, string progress) => JobSql.Checkpoint(id, owner, Now, Until, progress);

    /// <summary>It is done: to go with its last step, behind the checkpoint.</summary>
    protected PlanStatement Finish(string id) => JobSql.Finish(id, owner, Now, []);

    /// <summary>Gives the job back for another node, and leaves it alone for a while.</summary>
    protected async Task LeaveAsync(string id)
    {
        left[id] = Now + (long)LeaveFor.TotalMilliseconds;
        await CommitAsync(JobSql.Renew(id, owner, 0));
    }

    /// <summary>Work must not take the room that records need.</summary>
    protected async Task HaveRoomAsync(CancellationToken ct)
    {
        while (space.IsReadOnly)
            await Task.Delay(LookEvery, clock, ct);
    }

    protected async Task<bool> CommitAsync(PlanStatement statement)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(statement);
        return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isFirst = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (isFirst && store.IsAlone)
                    await CommitAsync(JobSql.Release(kind)); // whoever held one was killed
                isFirst = false;
                await ClearAsync(stoppingToken);
                var worked = false;
                foreach (var id in left.Where(l => l.Value <= Now).Select(l => l.Key).ToList())
                    left.Remove(id);
                foreach (var id in space.IsReadOnly ? [] : (await store.DueJobsAsync(kind, Now, 1 + left.Count, stoppingToken)).Where(id => !left.ContainsKey(id)).Take(1).ToList())
                    if (worked = await CommitAsync(Claim(id)))
                        await RunAsync(id, stoppingToken);
                if (!worked)
                    await added.WaitAsync(LookEvery, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Fell(log, e, kind, "looking for work"); // the database is away or restarting: look again
                await PauseAsync(stoppingToken);
            }
        }
    }

    /// <summary>Removes what jobs left that were given up or have expired, one content a commit, and then the job.</summary>
    private async Task ClearAsync(CancellationToken stopping)
    {
        foreach (var (id, client, progress) in await store.OverJobsAsync(kind, Now - (long)keptFor.TotalMilliseconds, 100, stopping))
            await ClearAsync(id, client, progress, stopping);
    }

    private async Task ClearAsync(string id, string client, string progress, CancellationToken stopping)
    {
        foreach (var content in ContentsOf(progress))
        {
            stopping.ThrowIfCancellationRequested();
            var plan = new CommitPlan();
            plan.Contents.Add(new ContentWrite.Purge(content));
            await store.CommitAsync(plan, CancellationToken.None);
        }

        await CommitAsync(JobSql.Remove(id, client));
    }

    private async Task RunAsync(string id, CancellationToken stopping)
    {
        if (await store.JobRequestAsync(id, stopping) is not var (stored, client) || await store.JobAsync(id, client, stopping) is not { } row)
            return;
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var renewal = new LeaseRenewal(store, id, owner, Lease, RenewEvery, clock, lost, e => Fell(log, e, kind, id));
        try
        {
            await WorkAsync(id, JobRequest.Read(stored, client), client, row.Progress, lost.Token);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            if (stopping.IsCancellationRequested)
                await CommitAsync(JobSql.Renew(id, owner, 0)); // the lease goes back at once
        }
        catch (Exception e) when (e is StorageUnavailableException or StorageFailedException or StorageFullException or DbException)
        {
            Fell(log, e, kind, id); // the lease ends, and it is gone on with from the last commit
            await PauseAsync(stopping);
        }
        catch (Exception e)
        {
            Fell(log, e, kind, id);
            await FailAsync(id, client);
        }
    }

    /// <summary>A fault that does not go away by trying again ends the job.</summary>
    private async Task FailAsync(string id, string client)
    {
        if (await store.JobAsync(id, client, CancellationToken.None) is not { } row)
            return;
        var (progress, isOver) = Failed(id, row.Progress);
        var plan = new CommitPlan();
        plan.Statements.Add(Checkpoint(id, progress));
        if (isOver)
            plan.Statements.Add(Finish(id));
        await store.CommitAsync(plan, CancellationToken.None);
    }

    private async Task PauseAsync(CancellationToken stopping)
    {
        try
        {
            await Task.Delay(LookEvery, clock, stopping);
        }
        catch (OperationCanceledException)
        {
            // the server stops
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A job of the kind {Kind} failed at {What}; it is gone on with from what was committed")]
    private static partial void Fell(ILogger log, Exception e, string kind, string what);
}
