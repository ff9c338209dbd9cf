using System.Data.Common;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Space;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>Writes exports, one at a time on each node, and clears away those that are over.</summary>
/// <remarks>
/// Reliability: all it knows is in the job's row. A job taken is leased; each chunk is committed with how far the job is, provided that the
/// lease is still this worker's, so one that was killed, cancelled or taken over leaves nothing half done. The rights of the client are worked out
/// anew while it runs (security.md S-39).
/// </remarks>
internal sealed partial class ExportWorker(
    IResourceStore store, ExportRun run, ExportSelector selector, JobCallers callers, FreeSpace space, TimeProvider clock, ILogger<ExportWorker> log) : BackgroundService
{
    private const int MostFailures = 5;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CheckRightsEvery = TimeSpan.FromSeconds(15);

    private readonly string owner = Guid.NewGuid().ToString("N");
    private readonly SemaphoreSlim added = new(0);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private long Until => Now + (long)Lease.TotalMilliseconds;

    /// <summary>There may be something to do.</summary>
    public void Wake() => added.Release();

    public override void Dispose()
    {
        added.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ClearAsync(stoppingToken);
                var worked = false;
                foreach (var id in space.IsReadOnly ? [] : await store.DueJobsAsync(ExportOperation.Kind, Now, 1, stoppingToken))
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
                Failed(log, e, "looking for exports"); // the database is away or restarting: look again
                await PauseAsync(stoppingToken);
            }
        }
    }

    /// <summary>Removes the files of exports that were given up or have expired, one file a commit, and then the job.</summary>
    private async Task ClearAsync(CancellationToken stopping)
    {
        foreach (var (id, client, progress) in await store.OverJobsAsync(ExportOperation.Kind, Now - (long)ExportOperation.KeptFor.TotalMilliseconds, 100, stopping))
        {
            foreach (var file in ExportProgress.Read(progress).Files)
            {
                stopping.ThrowIfCancellationRequested();
                var plan = new CommitPlan();
                plan.Contents.Add(new ContentWrite.Purge(file.Content));
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
            await WriteAsync(id, job, client, ExportProgress.Read(row.Progress), lost.Token);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            if (stopping.IsCancellationRequested)
                await CommitAsync(JobSql.Renew(id, owner, 0)); // the lease goes back at once
        }
        catch (Exception e) when (e is StorageUnavailableException or StorageFailedException or StorageFullException or DbException)
        {
            Failed(log, e, id); // the lease ends, and it is gone on with from the last commit
            await PauseAsync(stopping);
        }
        catch (Exception e)
        {
            Failed(log, e, id);
            await FailAsync(id, client);
        }
        finally
        {
            await lost.CancelAsync();
            await renewal;
        }
    }

    /// <summary>While one chunk is committed the next is read: it counts only if the one before it did.</summary>
    private async Task WriteAsync(string id, StoredJob job, string client, ExportProgress progress, CancellationToken ct)
    {
        var (selection, checkedAt) = (await SelectionAsync(job, client, progress, ct), clock.GetTimestamp());
        var reading = selection is null ? null : run.NextAsync(progress, selection, ct);
        try
        {
            while (reading is not null)
            {
                var (next, plan) = await reading;
                ct.ThrowIfCancellationRequested();
                next = next with { Failures = 0 };
                plan.Statements.Add(JobSql.Checkpoint(id, owner, Now, Until, next.Write()));
                if (next.IsWhole)
                    plan.Statements.Add(JobSql.Finish(id, owner, Now, []));
                var committing = store.CommitAsync(plan, CancellationToken.None);
                if (next.IsWhole)
                {
                    await committing;
                    return;
                }

                if (clock.GetElapsedTime(checkedAt) > CheckRightsEvery)
                    (selection, checkedAt) = (await SelectionAsync(job, client, next, ct), clock.GetTimestamp());
                reading = selection is null ? null : run.NextAsync(next, selection, ct);
                if (await committing is CommitResult.Stale)
                    return; // given up, or another worker has it
                while (space.IsReadOnly)
                    await Task.Delay(LookEvery, clock, ct); // an export must not take the room that records need
            }
        }
        finally
        {
            if (reading is not null)
                await Task.WhenAny(reading); // nothing of it goes on behind the job's back
        }

        await CommitAsync(JobSql.Cancel(id, client)); // the rights changed: for this client it is gone, with all that was written
    }

    /// <summary>What is taken, under the rights of now; null when they are no longer those it was accepted under.</summary>
    private async Task<ExportSelection?> SelectionAsync(StoredJob job, string client, ExportProgress progress, CancellationToken ct)
    {
        if (await callers.OfAsync(job, client, ct) is not { } caller || !progress.Types.All(t => ExportAccess.Allows(caller.Access, t)))
            return null;
        var (selection, _) = await selector.ReadAsync(job.Request with { Caller = caller }, DateTimeOffset.FromUnixTimeMilliseconds(progress.Instant), ct);
        return selection;
    }

    /// <summary>A fault that does not go away by trying again ends the export.</summary>
    private async Task FailAsync(string id, string client)
    {
        if (await store.JobAsync(id, client, CancellationToken.None) is not { } row)
            return;
        var progress = ExportProgress.Read(row.Progress);
        progress = progress with { Failures = progress.Failures + 1 };
        var plan = new CommitPlan();
        if (progress.Failures < MostFailures)
        {
            plan.Statements.Add(JobSql.Checkpoint(id, owner, Now, Until, progress.Write()));
        }
        else
        {
            plan.Statements.Add(JobSql.Checkpoint(id, owner, Now, Until, (progress with { Fault = $"The server failed at this export through a fault of its own. Tell its operator the job {id}." }).Write()));
            plan.Statements.Add(JobSql.Finish(id, owner, Now, []));
        }

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
            Failed(log, e, id);
        }
    }

    private async Task<bool> CommitAsync(PlanStatement statement)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(statement);
        return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
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

    [LoggerMessage(Level = LogLevel.Error, Message = "An export failed at {What}; it is gone on with from what was committed")]
    private static partial void Failed(ILogger log, Exception e, string what);
}
