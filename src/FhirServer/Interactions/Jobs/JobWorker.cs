using System.Data.Common;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Interactions.Jobs;

/// <summary>Runs stored requests, two at a time.</summary>
/// <remarks>
/// Reliability R-31: all it knows is in the table, so it goes on after a crash. A job taken is leased; a worker that dies lets the lease end and
/// another takes over. What a request writes is guarded by an idempotency row of the job's own, so that a second run gets the first one's answer.
/// </remarks>
internal sealed partial class JobWorker(IResourceStore store, RequestJobs jobs, FhirInteractions interactions, JobCallers callers, TimeProvider clock, ILogger<JobWorker> log) : BackgroundService
{
    private const int MostAtOnce = 2;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(4);

    private readonly string owner = Guid.NewGuid().ToString("N");
    private readonly HashSet<Task> running = [];

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await LookAsync(stoppingToken);
                var pause = jobs.WaitAsync(LookEvery, stoppingToken);
                if (running.Count == MostAtOnce)
                    await Task.WhenAny([.. running]);
                await pause;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; what was running is taken up again when the leases end.
        }

        await Task.WhenAll(running);
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        try
        {
            running.RemoveWhere(t => t.IsCompleted);
            foreach (var id in running.Count < MostAtOnce ? await store.DueJobsAsync(RequestJobs.Kind, Now, MostAtOnce - running.Count, stopping) : [])
                if (await CommitAsync(JobSql.Claim(id, owner, Now, Now + (long)Lease.TotalMilliseconds)))
                    running.Add(Task.Run(() => RunAsync(id, stopping), CancellationToken.None));
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            Failed(log, e, "looking for jobs"); // the database is away or restarting: look again
        }
    }

    private async Task RunAsync(string id, CancellationToken stopping)
    {
        var cancellation = jobs.Track(id, stopping);
        var renewal = new LeaseRenewal(store, id, owner, Lease, RenewEvery, clock, cancellation, e => Failed(log, e, id));
        try
        {
            if (await store.JobRequestAsync(id, stopping) is not var (stored, client))
                return;

            var job = JobRequest.Read(stored, client);
            var answer = await AnswerAsync(id, job, await callers.OfAsync(job, client, cancellation.Token), cancellation.Token);
            await CommitAsync(JobSql.Finish(id, owner, Now, JobAnswer.Write(answer)));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Given up, or the server stops: then the lease goes back at once.
            await ReleaseAsync(id);
        }
        catch (Exception e)
        {
            Failed(log, e, id); // the database failed: the lease ends, and the job is tried again
        }
        finally
        {
            await renewal.DisposeAsync();
            jobs.Untrack(id);
            jobs.Wake();
        }
    }

    private async Task<ReplyBody> AnswerAsync(string id, StoredJob job, Caller? caller, CancellationToken ct)
    {
        FhirReply reply;
        var request = caller is null ? job.Request : job.Request with { Caller = caller };
        try
        {
            // No client can choose this name: its own hold no blank.
            reply = caller is null
                ? FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, "Your rights have changed since this was asked: ask again."))
                : await (await interactions.HandleAsync(request with { Idempotency = new("job " + id, id) }, ct)).WholeAsync();
            ct.ThrowIfCancellationRequested(); // a batch answers for what it had no time for: that is done later instead
        }
        catch (Exception e) when (e is not (OperationCanceledException or StorageUnavailableException or StorageFailedException or StorageFullException or DbException))
        {
            Failed(log, e, id);
            reply = FhirReply.Refuse(e is StorageTimeoutException ? StoreFailure.Of(e) : new(FaultKind.Bug, [new("exception", $"The server failed at this request through a fault of its own. Tell its operator the job {id}.")]));
        }

        using var bundle = new BundleWriter("batch-response", clock.GetUtcNow());
        var isFault = reply.Fault is not null;
        bundle.Entry(null, isFault || reply.Body is not null ? default : reply.Json, parts: reply.Body, response: new(
            reply.Status, reply.Location is null ? null : $"{request.BaseUrl}/{reply.Location}", reply.Version, reply.LastModified, isFault ? reply.Json : default));
        return bundle.Finish();
    }

    private async Task ReleaseAsync(string id)
    {
        try
        {
            await CommitAsync(JobSql.Renew(id, owner, 0));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(log, e, id); // the store is closing: the lease ends by itself
        }
    }

    private async Task<bool> CommitAsync(PlanStatement statement)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(statement);
        return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A background request failed at {What}; it is tried again where that can help")]
    private static partial void Failed(ILogger log, Exception e, string what);
}
