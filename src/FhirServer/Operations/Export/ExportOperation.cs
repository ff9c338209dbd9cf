using System.Globalization;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Interactions.Past;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary><c>$export</c> of everything, of all patients, or of the patients in a Group: begun here, written by <see cref="ExportWorker"/>, fetched here.</summary>
/// <remarks>
/// Bulk Data Access 2.0 (hl7.org/fhir/uv/bulkdata/STU2). The kick-off answers 202 with the address <c>$export/[job]</c>; that answers 202 while it
/// runs, then 200 with the manifest, and DELETE gives it up. Files are at <c>$export/[job]/[number]</c>. All three are 404 for everybody but the
/// client that asked, with the rights it asked under (security.md S-39), and a day after the export was done. Refuses with 400, 403, 404, 410, 429.
/// </remarks>
internal sealed class ExportOperation(IResourceStore store, IPast past, ExportSelector selector, ExportFileReader files, ParquetFile parquet, ExportWorker worker, TimeProvider clock)
{
    public const string Kind = "export";

    public const string NdJson = "application/fhir+ndjson";

    /// <summary>Exports of one client that may be under way at once.</summary>
    private const int MostUnfinished = 5;

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        // What may be exported is asked type by type.
        ExportOperation Export() => services.GetRequiredService<ExportOperation>();
        yield return new("export", "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export", [], false, false, false, (r, ct) => Export().HandleAsync(r, ct)) { Right = null, HasJobs = true };
        yield return new("export", "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export", ["Patient"], true, false, false, (r, ct) => Export().BeginAsync(r, ct)) { Right = null };
        yield return new("export", "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export", ["Group"], false, true, false, (r, ct) => Export().BeginAsync(r, ct)) { Right = null };
    }

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => request.Target.IsOfJob ? OfJobAsync(request, ct) : BeginAsync(request, ct);

    private async Task<FhirReply> BeginAsync(FhirRequest request, CancellationToken ct)
    {
        if (request.Entry is not null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.NotSupported, "$export is asked for by a request of its own, not in a Bundle."));
        if (!request.Prefer.Async && !request.Prefer.Lenient)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "An export is never answered at once: send the header Prefer: respond-async."));
        if (request.IsReadOnly)
            return FhirReply.Refuse(FhirFault.OnlyReads());

        var instant = await past.SettleAsync(clock.GetUtcNow(), ct);
        var (selection, fault) = await selector.ReadAsync(request, instant, ct);
        if (selection is null)
            return FhirReply.Refuse(fault!);
        if (await store.UnfinishedJobsAsync(Kind, request.Caller.Name, ct) >= MostUnfinished)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.TooManyRequests, $"{MostUnfinished} exports of this client are under way: wait for one to end, or give one up.") with { RetryAfter = TimeSpan.FromMinutes(1) });

        var query = QueryString.Format(request.Query);
        var progress = new ExportProgress(instant.ToUnixTimeMilliseconds(), $"{request.BaseUrl}/{request.Target.ToPath()}{(query.Length == 0 ? "" : "?" + query)}", request.Caller.Access.Key, selection.Types)
        {
            Since = selection.Input.Since,
            IsParquet = selection.Input.IsParquet,
            Ignored = [.. selection.Ignored.Select(i => new[] { i.Code ?? "not-supported", i.Text })],
        };
        var start = ExportRun.StartOf(progress, isDeleting: false);
        progress = progress with { Updated = start.Updated, Sid = start.Sid };
        var (id, now) = (NewId.Next(), clock.GetUtcNow().ToUnixTimeMilliseconds());
        var plan = new CommitPlan();
        plan.Statements.Add(JobSql.Add(new(id, Kind, JobState.Queued, request.Caller.Name, now, now, progress.Write(), []), JobRequest.Write(request)));
        if (await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Stale stale)
            return FhirReply.Refuse(FhirFault.Busy(stale.What));
        worker.Wake();
        return new FhirReply(202) { Location = "$export/" + id };
    }

    private async Task<FhirReply> OfJobAsync(FhirRequest request, CancellationToken ct)
    {
        var target = request.Target;
        if (request.Method is not ("GET" or "HEAD") && !(request.Method == "DELETE" && target.File is null))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.MethodNotAllowed, "An export is asked for with GET and given up with DELETE; its files are fetched with GET."));
        if (await store.JobAsync(target.Id!, request.Caller.Name, ct) is not { Kind: Kind } job || !IsOpen(job, request.Caller.Access, out var progress))
            return NotFound(target.Id!);
        if (request.Method == "DELETE")
            return await CancelAsync(job);
        if (target.File is { } file)
            return FileOf(job, progress, file, request.Caller);
        if (job.State != JobState.Done)
            return new FhirReply(202)
            {
                Headers =
                [
                    ("X-Progress", job.State == JobState.Queued ? "waiting" : string.Create(CultureInfo.InvariantCulture,
                        $"{progress.Written} resources, {Math.Min(progress.At, progress.Types.Count)} of {progress.Types.Count} types done")),
                    ("Retry-After", job.State == JobState.Queued || progress.Written < 100_000 ? "2" : "10"),
                ],
            };
        if (progress.Fault is { } fault)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Bug, fault));
        var expires = DateTimeOffset.FromUnixTimeMilliseconds(job.Updated) + KeptFor;
        return new FhirReply(200)
        {
            Json = System.Text.Encoding.UTF8.GetBytes(Manifest(request, progress).ToJsonString()),
            ContentType = "application/json",
            Headers = [("Expires", expires.ToString("R", CultureInfo.InvariantCulture))],
        };
    }

    /// <summary>Whether the caller holds what the export was accepted under, still may export each of its types, and it is not over.</summary>
    private bool IsOpen(JobRow job, AccessPlan access, out ExportProgress progress)
    {
        progress = ExportProgress.Read(job.Progress);
        return job.State != JobState.Cancelled && progress.Plan == access.Key && progress.Types.All(t => ExportAccess.Allows(access, t))
            && (job.State != JobState.Done || clock.GetUtcNow() < DateTimeOffset.FromUnixTimeMilliseconds(job.Updated) + KeptFor);
    }

    private FhirReply FileOf(JobRow job, ExportProgress progress, string name, Caller caller) =>
        job.State == JobState.Done && progress.Fault is null && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < progress.Files.Count
            ? progress.IsParquet && progress.Files[number].Kind == ExportFile.Output
                ? new FhirReply(200) { ContentType = ParquetFile.MediaType, Body = new(), More = parquet.ReadAsync(progress.Files[number], caller) }
                : new FhirReply(200) { ContentType = NdJson, Body = new(), More = files.ReadAsync(progress.Files[number], caller.Access) }
            : FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound, $"The export {job.Id} has no file {name}."));

    private static JsonObject Manifest(FhirRequest request, ExportProgress progress)
    {
        return new()
        {
            ["transactionTime"] = FhirInstant.Format(DateTimeOffset.FromUnixTimeMilliseconds(progress.Instant)),
            ["request"] = progress.Asked,
            ["requiresAccessToken"] = true,
            ["output"] = Of(ExportFile.Output),
            ["deleted"] = Of(ExportFile.Deleted),
            ["error"] = Of(ExportFile.Error),
        };

        // A file of deletions holds Bundles.
        JsonArray Of(string kind) => [.. progress.Files.Index().Where(f => f.Item.Kind == kind).Select(f => new JsonObject
        {
            ["type"] = kind == ExportFile.Deleted ? "Bundle" : f.Item.Type,
            ["url"] = $"{request.BaseUrl}/$export/{request.Target.Id}/{f.Index}",
            ["count"] = f.Item.Count,
        })];
    }

    private async Task<FhirReply> CancelAsync(JobRow job)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(JobSql.Cancel(job.Id, job.Client));
        await store.CommitAsync(plan, CancellationToken.None);
        worker.Wake();
        return new FhirReply(202);
    }

    private static FhirReply NotFound(string id) => FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound,
        $"There is no export {id}: it was given up, it was done more than {KeptFor.TotalHours} hours ago, it is somebody else's, or your rights have changed since."));
}
