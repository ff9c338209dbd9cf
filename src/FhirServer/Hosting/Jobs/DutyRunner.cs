using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using Hangfire;

namespace FhirEmr.FhirServer.Hosting.Jobs;

/// <summary>Does a duty if nobody else is at it: what Hangfire calls.</summary>
/// <remarks>
/// Hangfire may call twice at one time, on two nodes or after a time-out (reliability R-30). The lease in the duty's row decides, by the clock of the store's
/// writers; a duty whose node dies is free again when it ends.
/// </remarks>
internal sealed partial class DutyRunner(IResourceStore store, Duties duties, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<DutyRunner> log)
{
    public const string Kind = "duty";

    /// <summary>Whose the rows are: no client's name holds a blank.</summary>
    public const string Client = "the server";

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);

    private readonly string node = Guid.NewGuid().ToString("N");

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public static string RowOf(string duty) => "duty " + duty;

    /// <summary>Public because Hangfire wants it so.</summary>
    [JobDisplayName("{0}")]
    public async Task RunAsync(string id, CancellationToken ct)
    {
        if (duties.All.FirstOrDefault(d => d.Id == id) is not { } duty)
            return; // of another version of the server
        var owner = $"{node}-{Guid.NewGuid():N}";
        if (!await ClaimAsync(id, owner))
            return;

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
        var renewal = new LeaseRenewal(store, RowOf(id), owner, Lease, RenewEvery, clock, ending, e => Failed(log, e, id));
        var (before, began, clockwork) = (await LastAsync(id), clock.GetUtcNow(), clock.GetTimestamp());
        DutyRun run;
        try
        {
            await duty.RunAsync(ending.Token);
            run = new(began, clock.GetElapsedTime(clockwork).TotalSeconds, 0, null);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            run = before; // the server stops, or the lease is lost: another turn begins anew
        }
        catch (Exception e)
        {
            Failed(log, e, id);
            run = new(began, clock.GetElapsedTime(clockwork).TotalSeconds, before.Failures + 1, e.GetType().Name);
        }

        await renewal.DisposeAsync();
        await CommitAsync(JobSql.EndTurn(RowOf(id), owner, Now, run.Write()));
        if (run.Error is not null)
            throw new DutyFailedException($"The duty '{id}' failed ({run.Error}); the log of this server says more.");
    }

    /// <summary>How it ended the last time, and since when nobody has begun it; its row is made when there is none yet.</summary>
    public async Task<(DutyRun Run, DateTimeOffset Since, bool IsRunning)> StandingAsync(string id, CancellationToken ct)
    {
        var at = Now;
        if (await store.AnyJobAsync(RowOf(id), ct) is var (row, leaseUntil))
            return (DutyRun.Read(row.Progress), DateTimeOffset.FromUnixTimeMilliseconds(row.Updated), row.State == JobState.Running && leaseUntil > at);
        await CommitAsync(JobSql.Add(new(RowOf(id), Kind, JobState.Queued, Client, at, at, DutyRun.Never.Write(), []), []));
        return (DutyRun.Never, DateTimeOffset.FromUnixTimeMilliseconds(at), false);
    }

    private async Task<DutyRun> LastAsync(string id) => (await StandingAsync(id, CancellationToken.None)).Run;

    private async Task<bool> ClaimAsync(string id, string owner)
    {
        await StandingAsync(id, CancellationToken.None);
        return await CommitAsync(JobSql.Claim(RowOf(id), owner, Now, Now + (long)Lease.TotalMilliseconds));
    }

    private async Task<bool> CommitAsync(PlanStatement statement)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(statement);
        return await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Committed;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The duty {Id} failed; it is begun again when its time comes")]
    private static partial void Failed(ILogger log, Exception e, string id);
}

/// <summary>Tells Hangfire, and whoever looks at its pages, that a duty failed; without what the fault said, which may name records.</summary>
internal sealed class DutyFailedException(string message) : Exception(message);
