using System.Collections.Concurrent;
using System.Globalization;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Answers;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Interactions.Jobs;

/// <summary>Requests whose client rather asks again later: stored as a job before 202 is said, run by <see cref="JobWorker"/>.</summary>
/// <remarks>
/// https://hl7.org/fhir/R4/async.html. <c>$job/[id]</c>: GET answers 202 with X-Progress while it runs, then 200 with a Bundle of type
/// batch-response whose one entry is the answer; DELETE gives it up. Answers stay 24 hours; a client sees its own jobs only.
/// </remarks>
internal sealed class RequestJobs(IResourceStore store, TimeProvider clock) : IDisposable
{
    public const string Kind = "request";

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<string, CancellationTokenSource> running = new();
    private readonly SemaphoreSlim added = new(0);

    /// <summary>Whether the request is one that may take long: a search, a history, a Bundle, an operation that is not asynchronous by itself.</summary>
    public static bool Takes(FhirRequest request) => request is { Prefer.Async: true, Entry: null } && (request.Method, request.Target) switch
    {
        ("GET" or "POST", { Operation: "export" or "import" or "job" }) => false,
        ("GET" or "POST", { Operation: "graphql" }) => false, // its answer is no resource, so no Bundle can carry it: it is given at once
        ("GET" or "POST", { Operation: not null }) => true,
        ("GET", { IsMetadata: false, Version: null } target) => target.Id is null || target.IsHistory,
        ("POST", { IsSearch: true }) => true,
        ("POST", { Type: null }) => request.Body.Exists,
        _ => false,
    };

    /// <summary>Keeps the request, and under its Idempotency-Key the answer 202, in one commit.</summary>
    public async Task<FhirReply> StartAsync(FhirRequest request)
    {
        var id = NewId.Next();
        var now = clock.GetUtcNow();
        var at = now.ToUnixTimeMilliseconds();
        var reply = new FhirReply(202) { Location = "$job/" + id };
        var plan = new CommitPlan();
        plan.Statements.Add(JobSql.Add(new(id, Kind, JobState.Queued, request.Caller.Name, at, at, request.Caller.Access.Key, []), JobRequest.Write(request)));
        if (request.Idempotency is not null)
            plan.Statements.Add(AnswerSql.Keep(KeptReply.Of(request, reply, now)));
        if (await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Stale stale)
            return FhirReply.Refuse(FhirFault.Busy(stale.What));

        Wake();
        return reply;
    }

    public async Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct)
    {
        if (request.Method is not ("GET" or "HEAD" or "DELETE"))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.MethodNotAllowed, "A job is asked for with GET and given up with DELETE."));
        var id = request.Target.Id!;
        if (await store.JobAsync(id, request.Caller.Name, ct) is not { Kind: Kind } job || !IsUnder(request.Caller.Access, job))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound,
                $"There is no job {id}: it was given up, its answer is older than {KeptFor.TotalHours} hours, it is somebody else's, or your rights have changed since."));
        if (request.Method == "DELETE")
            return await CancelAsync(job);
        if (job.State != JobState.Done)
            return new FhirReply(202) { Headers = [("X-Progress", job.State), ("Retry-After", "2")] };

        var until = DateTimeOffset.FromUnixTimeMilliseconds(job.Updated) + KeptFor;
        return new FhirReply(200) { Body = JobAnswer.Read(job.Answer, store.Symbols), Headers = [("Expires", until.ToString("R", CultureInfo.InvariantCulture))] };
    }

    /// <summary>An answer was made under the rights of then. Who holds others by now asks again: what is not theirs any more must not be given (security.md S-39).</summary>
    private static bool IsUnder(AccessPlan access, JobRow job) => job.Progress.Length == 0 || job.Progress == access.Key;

    /// <summary>Waits until a job was added here, or the time is over.</summary>
    public Task WaitAsync(TimeSpan most, CancellationToken ct) => added.WaitAsync(most, ct);

    /// <summary>There may be something to do, or room to do it.</summary>
    public void Wake() => added.Release();

    /// <summary>Ends with the job's own cancellation.</summary>
    public CancellationTokenSource Track(string id, CancellationToken stopping) => running[id] = CancellationTokenSource.CreateLinkedTokenSource(stopping);

    public void Untrack(string id)
    {
        if (running.TryRemove(id, out var source))
            source.Dispose();
    }

    public void Dispose() => added.Dispose();

    private async Task<FhirReply> CancelAsync(JobRow job)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(JobSql.Remove(job.Id, job.Client));
        await store.CommitAsync(plan, CancellationToken.None);
        if (running.TryGetValue(job.Id, out var source))
            await source.CancelAsync();
        return new FhirReply(202);
    }
}
