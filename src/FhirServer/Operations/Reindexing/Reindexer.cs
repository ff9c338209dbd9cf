using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Reindex;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Operations.Reindexing;

/// <summary>Moves reindex jobs on, a step at a time; everything it knows is in the job's row.</summary>
/// <remarks>
/// A step reads resources, extracts their rows and commits both the rows and the new position, provided that no resource of it changed and no
/// other node moved the job meanwhile; otherwise it is repeated on what is there now. After a crash the next process goes on from the row.
/// </remarks>
internal sealed class Reindexer(
    ResourceStore store, ReindexStep step, RowSweep sweep, CustomParameterRegistry registry, IOptions<ReindexOptions> options, TimeProvider clock)
{
    private const int RemovedAtOnce = 500;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly string node = Guid.NewGuid().ToString("N");
    private int chunk = 1;

    /// <summary>Brings the jobs in line with the definitions: new ones get theirs, those of retired definitions are to be cleared away.</summary>
    public async Task ReconcileAsync(CancellationToken ct)
    {
        await registry.Currency.RefreshAsync(ct);
        var (jobs, statements) = (await registry.JobsAsync(ct), new List<PlanStatement>());
        foreach (var entry in registry.Entries)
            if (entry.Job is null && entry.State.Stage != IndexStage.Failed && !jobs.Exists(j => j.Progress.IndexKey == entry.IndexKey))
                statements.Add(PlanStatement.Of(ReindexJobSql.Insert(store.Dialect, ReindexJob.Kind, ReindexJob.For(entry.Definition, entry.Id, entry.Sid, entry.Version, 1, Now()).Row)));
        foreach (var job in jobs.Where(j => j.IsParameter && j.Row.State != ReindexJob.Removing))
        {
            registry.Entries.FirstOrDefault(e => e.IndexKey == job.Progress.IndexKey)?.State.Report(job.Progress.Done, job.Progress.Total);
            var fault = registry.Failures.GetValueOrDefault(job.Progress.IndexKey);
            if (!registry.Entries.Any(e => e.IndexKey == job.Progress.IndexKey))
                statements.Add(Change(job, ReindexJob.Removing, job.Progress with { At = 0, Sid = 0 }, keep: false));
            else if (fault is not null && job.Row.State != ReindexJob.Failed)
                statements.Add(Change(job, ReindexJob.Failed, job.Progress with { Fault = fault }, keep: false));
        }

        if (statements.Count > 0 && await registry.ChangeAsync(statements, ct))
            await registry.RefreshAsync(ct);
    }

    /// <summary>Does one step of the first job that waits for one; false when there is none.</summary>
    public async Task<bool> StepAsync(CancellationToken ct)
    {
        var now = Now();
        var job = (await registry.JobsAsync(ct)).Find(j => j.IsUnfinished && (j.Row.LeaseOwner == node || j.Row.LeaseUntil < now) && IsSettled(j, now));
        switch (job)
        {
            case null:
                return false;
            case { Row.State: ReindexJob.Removing }:
                await RemoveAsync(job, ct);
                return true;
            case { Row.State: ReindexJob.Waiting }:
                await registry.Epochs.DrainAsync(ct);
                var total = (await store.QueryAsync(ReindexSql.Count(store.Dialect, job.Progress.Types), r => r.Int64(0), ct))[0];
                await CommitAsync(new(), Change(job, ReindexJob.Running, job.Progress with { Total = total }, keep: true), ct);
                return true;
            case { Progress: { IsCounting: true } or { Sweeps.Count: > 0 } }:
                var (plan, behind) = job.Progress.IsCounting ? (new(), await sweep.CountAsync(job.Progress, ct)) : await sweep.StepAsync(job.Progress, ct);
                await AdvanceAsync(job, plan, behind, ct);
                return true;
            default:
                await FillAsync(job, ct);
                return true;
        }
    }

    private async Task FillAsync(ReindexJob job, CancellationToken ct)
    {
        var progress = job.Progress;
        var type = progress.Types[progress.At];
        var only = job.IsParameter ? NumbersOf(type, progress.IndexKey).ToHashSet() : null;
        var limit = Math.Clamp(chunk, 1, Math.Clamp(options.Value.ChunkSize, 1, 1000));
        var (plan, last) = await step.BuildAsync(type, progress.Sid, limit, only, ct);
        if (registry.Failures.ContainsKey(progress.IndexKey))
            return; // the next reconciliation says so on disk

        var count = plan.Fills.Count;
        var next = progress with { Sid = last, Done = progress.Done + count };
        if (!job.IsParameter)
            next = next with { Tally = RowSweep.Add(progress.Tally, plan) };
        if (count < limit)
            next = job.IsParameter ? RowSweep.Following(next) : next with { IsCounting = true };
        if (count == 0 && next.IsCounting)
            next = await sweep.CountAsync(next, ct); // nothing is put in that would have to be on disk first
        if (!await AdvanceAsync(job, plan, next, ct))
        {
            // Someone wrote one of these resources: fewer at once meet fewer writers.
            chunk = Math.Max(1, limit / 2);
            return;
        }

        chunk = limit * 2;
        registry.Entries.FirstOrDefault(e => e.IndexKey == progress.IndexKey)?.State.Report(next.Done, progress.Total);
    }

    /// <summary>Commits a step with the position behind it, and with the last one what the whole job was for.</summary>
    private async Task<bool> AdvanceAsync(ReindexJob job, CommitPlan plan, ReindexProgress next, CancellationToken ct)
    {
        var isDone = next.At == next.Types.Count;
        if (isDone)
            plan.Statements.Add(registry.Bump());
        if (isDone && next.Definition is { } definition)
            plan.Statements.Add(registry.Currency.Reached(definition));
        if (!await CommitAsync(plan, Change(job, isDone ? ReindexJob.Done : ReindexJob.Running, next, keep: !isDone), ct))
            return false;
        if (isDone)
        {
            await registry.RefreshAsync(ct);
            await registry.Currency.RefreshAsync(ct);
        }

        return true;
    }

    private async Task RemoveAsync(ReindexJob job, CancellationToken ct)
    {
        foreach (var number in job.Progress.Types.SelectMany(t => NumbersOf(t, job.Progress.IndexKey)))
            foreach (var (table, columns) in ReindexSql.Tables)
            {
                var rows = await store.QueryAsync(ReindexSql.Rows(store.Dialect, table, columns, number, RemovedAtOnce),
                    r => (object[])[.. columns.Select((c, i) => ReindexSql.IsText(c) ? (object)r.Text(i) : r.Int64(i))], ct);
                if (rows.Count == 0)
                    continue;

                var plan = new CommitPlan();
                plan.Statements.AddRange(rows.Select(values => PlanStatement.Of(ReindexSql.Delete(store.Dialect, table, columns, values))));
                await CommitAsync(plan, Change(job, ReindexJob.Removing, job.Progress with { Done = job.Progress.Done + rows.Count }, keep: true), ct);
                return;
            }

        var end = new CommitPlan();
        end.Statements.Add(PlanStatement.Of(ReindexJobSql.Delete(store.Dialect, job.Row.Id)));
        await store.CommitAsync(end, ct);
    }

    /// <summary>Its values, what long texts go on in, and whether it has any.</summary>
    private int[] NumbersOf(string type, string indexKey) =>
        [store.Symbols.ParameterNumber(type, indexKey), store.Symbols.ParameterNumber(type, indexKey + "~"), store.Symbols.ParameterNumber(type, indexKey + "?")];

    private bool IsSettled(ReindexJob job, long now) => job.Row.State != ReindexJob.Waiting || store.IsAlone
        || now - job.Row.Created >= options.Value.SettleSeconds * 1000L;

    private PlanStatement Change(ReindexJob job, string state, ReindexProgress progress, bool keep)
    {
        var now = Now();
        var row = job.With(state, progress, keep ? node : "", keep ? now + (long)Lease.TotalMilliseconds : 0, now);
        return PlanStatement.Of(ReindexJobSql.Update(store.Dialect, row, job.Row.Updated), "A job was moved on by someone else.");
    }

    private async Task<bool> CommitAsync(CommitPlan plan, PlanStatement change, CancellationToken ct)
    {
        plan.Statements.Add(change);
        return await store.CommitAsync(plan, ct) is CommitResult.Committed;
    }

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
