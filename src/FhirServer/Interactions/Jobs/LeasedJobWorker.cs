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

    private readonly string owner = Guid.NewGuid().ToString("N");
    private readonly SemaphoreSlim added = new(0);

    protected static TimeSpan LookEvery { get; } = TimeSpan.FromSeconds(2);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private long Until => Now + (long)Lease.TotalMilliseconds;

    /// <summary>There may be something to do.</summary>
    public void Wake() => added.Release();

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
                foreach (var id in space.IsReadOnly ? [] : await store.DueJobsAsync(kind, Now, 1, stoppingToken))
                    if (worked = await CommitAsync(JobSql.Claim(id, owner, Now, Until)))
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
    }

    private async Task RunAsync(string id, CancellationToken stopping)
    {
        if (await store.JobRequestAsync(id, stopping) is not var (stored, client) || await store.JobAsync(id, client, stopping) is not { } row)
            return;
        var job = JobRequest.Read(stored, client);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var renewal = RenewAsync(id, lost);
        try
        {
            await WorkAsync(id, job, client, row.Progress, lost.Token);
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
        finally
        {
            await lost.CancelAsync();
            await renewal;
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

    private async Task RenewAsync(string id, CancellationTokenSource lost)
    {
        try
        {
            while (true)
            {
                await Task.Delay(RenewEvery, clock, lost.Token);
                if (!await CommitAsync(JobSql.Renew(id, owner, Until)))
                    await lost.CancelAsync(); // given up, or another worker has it
            }
        }
        catch (OperationCanceledException)
        {
            // the job ended
        }
        catch (Exception e)
        {
            Fell(log, e, kind, id);
        }
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
