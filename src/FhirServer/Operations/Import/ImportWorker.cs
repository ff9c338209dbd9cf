using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Outbound;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Space;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>Runs imports: all files are brought in and checked, then written line by line; the rights of the client are worked out anew meanwhile.</summary>
internal sealed class ImportWorker(
    IResourceStore store, ImportSources sources, ImportStaging staging, ImportRun run, ImportEnd end, ExportFileReader files, JobCallers callers, FreeSpace space, TimeProvider clock, ILogger<ImportWorker> log)
    : LeasedJobWorker(ImportOperation.Kind, ImportOperation.KeptFor, store, space, clock, log)
{
    private const int MostFetches = 3;

    /// <summary>How long a file that is not on this node may be on another one.</summary>
    private static readonly TimeSpan WaitForNode = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan CheckRightsEvery = TimeSpan.FromSeconds(15);

    private readonly IResourceStore store = store;
    private readonly TimeProvider clock = clock;

    protected override IEnumerable<long> ContentsOf(string progress)
    {
        var read = ImportProgress.Read(progress);
        return read.Inputs.Select(i => i.File).Append(read.Errors).OfType<ExportFile>().Select(f => f.Content);
    }

    protected override (string Progress, bool IsOver) Failed(string id, string progress)
    {
        var failed = ImportProgress.Read(progress);
        failed = failed with { Failures = failed.Failures + 1 };
        if (failed.Failures < MostFailures)
            return (failed.Write(), false);
        failed = failed with { Fault = $"The server failed at this import through a fault of its own. Tell its operator the job {id}.", IsOurFault = true };
        return (failed.Write(), failed.Failures > MostFailures || !IsToTell(failed)); // once more, to tell of what was written
    }

    protected override async Task WorkAsync(string id, StoredJob job, string client, string progress, CancellationToken ct)
    {
        var step = new ImportStep(id, Callers(job, client), p => Checkpoint(id, p.Write()), HaveRoomAsync);
        var at = ImportProgress.Read(progress);
        try
        {
            if (at.IsWhole || at.Fault is not null)
            {
                await EndAsync(id, IsToTell(at) ? await end.CloseAsync(at, client, step, ct) : at, step);
                return;
            }

            at = await StageAsync(at, step, ct);
            var names = at.Terms.KeepsIds || at.At == at.Inputs.Count ? null : await ImportNames.ReadAsync(id, at, files, (await step.CallerAsync(ct)).Access, ct);
            while (at.At < at.Inputs.Count)
                at = await run.FileAsync(at, names, step, ct);
            if (!at.IsChecked)
                at = await end.CheckAsync(at, step, ct);
            await EndAsync(id, at with { IsWhole = true }, step);
        }
        catch (ImportFaultException e) when (e.IsOfNode && !IsOfOne && !store.IsAlone && !IsOver(at))
        {
            if (at.Left is null && await store.JobAsync(id, client, ct) is { } row
                && !await CommitAsync(step.Checkpoint(ImportProgress.Read(row.Progress) with { Left = clock.GetUtcNow().ToUnixTimeMilliseconds() })))
                return; // given up, or another worker has it
            await LeaveAsync(id);
        }
        catch (ImportFaultException e)
        {
            await FaultAsync(id, client, e.Message, step, ct);
        }
        catch (ImportLostException)
        {
            // given up, or another worker has it
        }
    }

    /// <summary>The other nodes have had their time: it counts from when the first of them had its turn, since a job may have waited for others before.</summary>
    private bool IsOver(ImportProgress progress) => progress.Left is { } left && clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(left) >= WaitForNode;

    /// <summary>What has been committed stays, and is told of: the row knows it.</summary>
    private async Task FaultAsync(string id, string client, string fault, ImportStep step, CancellationToken ct)
    {
        try
        {
            if (await store.JobAsync(id, client, ct) is not { } row)
                return;
            var progress = ImportProgress.Read(row.Progress) with { Fault = fault };
            await EndAsync(id, IsToTell(progress) ? await end.CloseAsync(progress, client, step, ct) : progress, step);
        }
        catch (ImportLostException)
        {
            // given up, or another worker has it
        }
    }

    /// <summary>Something of it was done, and nothing says so yet.</summary>
    private static bool IsToTell(ImportProgress progress) => progress.Lines > 0 && !progress.IsChecked;

    private async Task<ImportProgress> StageAsync(ImportProgress progress, ImportStep step, CancellationToken ct)
    {
        for (var i = 0; i < progress.Inputs.Count; i++)
        {
            if (progress.Inputs[i].File is not null)
                continue;
            if (progress.Folder != sources.Folder && progress.Inputs[i].Url.StartsWith(ImportSources.FileScheme, StringComparison.Ordinal))
                throw new ImportFaultException($"{progress.Inputs[i].Url} is in the import folder of another node, and that one did not take it.") { IsOfNode = true };
            var (input, plan) = await TakeAsync(progress.Inputs[i], step, ct);
            progress = progress.With(i, input) with { Failures = 0, Left = null, FirstSid = store.ReserveSids(1) };
            plan.Statements.Add(step.Checkpoint(progress));
            if (await store.CommitAsync(plan, CancellationToken.None) is not CommitResult.Committed)
                throw new ImportLostException();
            await step.CommittedAsync(ct);
        }

        return progress;
    }

    private async Task<(ImportInput Input, CommitPlan Plan)> TakeAsync(ImportInput input, ImportStep step, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await staging.TakeAsync(input, (await step.CallerAsync(ct)).Access, ct);
            }
            catch (OutboundException e) when (attempt < MostFetches && !e.IsRefusal)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), clock, ct);
            }
            catch (OutboundException e)
            {
                throw new ImportFaultException(e.Message);
            }
        }
    }

    /// <summary>How it ended is said first; then the files that were brought in go, and the job is done.</summary>
    private async Task EndAsync(string id, ImportProgress progress, ImportStep step)
    {
        if (!await CommitAsync(step.Checkpoint(progress)))
            throw new ImportLostException();
        foreach (var file in progress.Inputs.Select(i => i.File).OfType<ExportFile>())
        {
            var plan = new CommitPlan();
            plan.Contents.Add(new ContentWrite.Purge(file.Content));
            await store.CommitAsync(plan, CancellationToken.None);
        }

        var last = new CommitPlan();
        last.Statements.Add(Finish(id));
        await store.CommitAsync(last, CancellationToken.None);
    }

    private Func<CancellationToken, ValueTask<Caller>> Callers(StoredJob job, string client)
    {
        Caller? known = null;
        var checkedAt = 0L;
        return async ct =>
        {
            if (known is not null && clock.GetElapsedTime(checkedAt) < CheckRightsEvery)
                return known;
            (known, checkedAt) = (await callers.OfAsync(job, client, ct), clock.GetTimestamp());
            return known ?? throw new ImportFaultException("Your rights have changed since this was asked: what was written until then stays.");
        };
    }
}
