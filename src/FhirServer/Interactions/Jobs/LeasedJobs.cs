using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Interactions.Jobs;

/// <summary>The client's side of long jobs of one kind, whose other side is a <see cref="LeasedJobWorker"/>: asked for, asked after, given up.</summary>
/// <remarks>https://hl7.org/fhir/R4/async.html, and the status requests of Bulk Data Access 2.0.</remarks>
/// <param name="kind">The kind, as rows and people call it.</param>
/// <param name="keptFor">How long what came of a job stays.</param>
/// <param name="wake">There is something to do for the worker.</param>
internal sealed class LeasedJobs(string kind, TimeSpan keptFor, IResourceStore store, TimeProvider clock, Action wake)
{
    /// <summary>Jobs of one client that may be under way at once.</summary>
    private const int MostUnfinished = 5;

    /// <summary>Beyond so many resources nobody needs to look every two seconds.</summary>
    private const long Long = 100_000;

    /// <summary>Why this client may not have another one now.</summary>
    public async Task<FhirFault?> CrowdFaultAsync(Caller caller, CancellationToken ct) => await store.UnfinishedJobsAsync(kind, caller.Name, ct) < MostUnfinished ? null
        : FhirFault.Of(FaultKind.TooManyRequests, $"{MostUnfinished} {kind}s of this client are under way: wait for one to end, or give one up.") with { RetryAfter = TimeSpan.FromMinutes(1) };

    /// <param name="id">A job that is there already is left alone.</param>
    /// <param name="plan">What has to be there when it begins.</param>
    /// <param name="claim">Takes it at once for a worker of this process; null to leave it to any.</param>
    public async Task<FhirReply> AcceptAsync(FhirRequest request, string id, string progress, CommitPlan plan, PlanStatement? claim = null)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        plan.Statements.Add(JobSql.Add(new(id, kind, JobState.Queued, request.Caller.Name, now, now, progress, []), JobRequest.Write(request)));
        if (claim is not null)
            plan.Statements.Add(claim);
        if (await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Stale stale)
            return FhirReply.Refuse(FhirFault.Busy(stale.What));
        wake();
        return new FhirReply(202) { Location = $"${kind}/{id}" };
    }

    /// <summary>The client's own job; null when there is none that is still told of.</summary>
    public async Task<JobRow?> FindAsync(FhirRequest request, CancellationToken ct) =>
        await store.JobAsync(request.Target.Id!, request.Caller.Name, ct) is { } job && job.Kind == kind && job.State != JobState.Cancelled
        && (job.State != JobState.Done || clock.GetUtcNow() < Expires(job)) ? job : null;

    public FhirReply NotFound(string id) => FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound,
        $"There is no {kind} {id}: it was given up, it was done more than {keptFor.TotalHours} hours ago, it is somebody else's, or your rights have changed since."));

    /// <param name="said">How far it is, in words.</param>
    /// <param name="done">Resources behind it.</param>
    public static FhirReply Running(JobRow job, string said, long done) =>
        new(202) { Headers = [("X-Progress", said), ("Retry-After", job.State == JobState.Queued || done < Long ? "2" : "10")] };

    public FhirReply Done(JobRow job, JsonObject manifest) => new(200)
    {
        Json = Encoding.UTF8.GetBytes(manifest.ToJsonString()),
        ContentType = "application/json",
        Headers = [("Expires", Expires(job).ToString("R", CultureInfo.InvariantCulture))],
    };

    public async Task<FhirReply> CancelAsync(JobRow job)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(JobSql.Cancel(job.Id, job.Client));
        await store.CommitAsync(plan, CancellationToken.None);
        wake();
        return new FhirReply(202);
    }

    private DateTimeOffset Expires(JobRow job) => DateTimeOffset.FromUnixTimeMilliseconds(job.Updated) + keptFor;
}
