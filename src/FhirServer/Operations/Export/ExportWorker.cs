using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;
using FhirEmr.FhirServer.Storage.Scan;
using FhirEmr.FhirServer.Storage.Space;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>Writes exports, chunk by chunk; the rights of the client are worked out anew while one runs (security.md S-39).</summary>
internal sealed class ExportWorker(
    IResourceStore store, ExportRun run, ExportSelector selector, JobCallers callers, FreeSpace space, TimeProvider clock, ILogger<ExportWorker> log)
    : LeasedJobWorker(ExportOperation.Kind, ExportOperation.KeptFor, store, space, clock, log)
{
    private static readonly TimeSpan CheckRightsEvery = TimeSpan.FromSeconds(15);

    private readonly IResourceStore store = store;
    private readonly TimeProvider clock = clock;

    protected override IEnumerable<long> ContentsOf(string progress) => ExportProgress.Read(progress).Files.Select(f => f.Content);

    protected override (string Progress, bool IsOver) Failed(string id, string progress)
    {
        var failed = ExportProgress.Read(progress);
        failed = failed with { Failures = failed.Failures + 1 };
        return failed.Failures < MostFailures
            ? (failed.Write(), false)
            : ((failed with { Fault = $"The server failed at this export through a fault of its own. Tell its operator the job {id}." }).Write(), true);
    }

    /// <summary>While one chunk is committed the next is read: it counts only if the one before it did.</summary>
    protected override async Task WorkAsync(string id, StoredJob job, string client, string progress, CancellationToken ct)
    {
        var written = ExportProgress.Read(progress);
        var (caller, checkedAt) = (await CallerAsync(job, client, written, ct), clock.GetTimestamp());
        var (selection, fault) = caller is null ? (null, null) : await SelectionAsync(job.Request with { Caller = caller }, written, ct);
        if (fault is not null)
        {
            await EndAsync(id, written with { Fault = $"The export could not be gone on with: {fault}" });
            return;
        }

        var reading = selection is null ? null : run.NextAsync(written, selection, ct);
        try
        {
            while (reading is not null)
            {
                var (next, plan) = await reading;
                ct.ThrowIfCancellationRequested();
                next = next with { Failures = 0 };
                plan.Statements.Add(Checkpoint(id, next.Write()));
                if (next.IsWhole)
                    plan.Statements.Add(Finish(id));
                var committing = store.CommitAsync(plan, CancellationToken.None);
                if (next.IsWhole)
                {
                    await committing;
                    return;
                }

                if (clock.GetElapsedTime(checkedAt) > CheckRightsEvery)
                    (caller, checkedAt) = (await CallerAsync(job, client, next, ct), clock.GetTimestamp());
                reading = caller is null ? null : run.NextAsync(next, selection!, ct);
                if (await committing is CommitResult.Stale)
                    return; // given up, or another worker has it
                await HaveRoomAsync(ct);
            }
        }
        finally
        {
            if (reading is not null)
                await Task.WhenAny(reading); // nothing of it goes on behind the job's back
        }

        await CommitAsync(JobSql.Cancel(id, client)); // the rights changed: for this client it is gone, with all that was written
    }

    /// <summary>Whose it is, under the rights of now; null when they are no longer those it was accepted under.</summary>
    private async Task<Caller?> CallerAsync(StoredJob job, string client, ExportProgress progress, CancellationToken ct) =>
        await callers.OfAsync(job, client, ct) is { } caller && progress.Types.All(t => ExportAccess.Allows(caller.Access, t)) ? caller : null;

    /// <summary>What is taken: as of the export's instant and under the same rights, so it is read once.</summary>
    private async Task<(ExportSelection? Selection, string? Fault)> SelectionAsync(FhirRequest request, ExportProgress progress, CancellationToken ct)
    {
        try
        {
            var (selection, fault) = await selector.ReadAsync(request, DateTimeOffset.FromUnixTimeMilliseconds(progress.Instant), ct);
            return (selection, fault?.Issues[0].Text);
        }
        catch (SearchTooCostlyException e)
        {
            return (null, e.Message); // it will be no cheaper the next time
        }
    }

    private async Task EndAsync(string id, ExportProgress progress)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(Checkpoint(id, progress.Write()));
        plan.Statements.Add(Finish(id));
        await store.CommitAsync(plan, CancellationToken.None);
    }
}
