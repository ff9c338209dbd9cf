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

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    private readonly LeasedJobs jobs = new(Kind, KeptFor, store, clock, worker.Wake);

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
        if (await jobs.CrowdFaultAsync(request.Caller, ct) is { } crowd)
            return FhirReply.Refuse(crowd);

        var instant = await past.SettleAsync(clock.GetUtcNow(), ct);
        var (selection, fault) = await selector.ReadAsync(request, instant, ct);
        if (selection is null)
            return FhirReply.Refuse(fault!);

        var query = QueryString.Format(request.Query);
        var progress = new ExportProgress(instant.ToUnixTimeMilliseconds(), $"{request.BaseUrl}/{request.Target.ToPath()}{(query.Length == 0 ? "" : "?" + query)}", request.Caller.Access.Key, selection.Types)
        {
            Since = selection.Input.Since,
            IsParquet = selection.Input.IsParquet,
            Ignored = [.. selection.Ignored.Select(i => new[] { i.Code ?? "not-supported", i.Text })],
        };
        var start = ExportRun.StartOf(progress, isDeleting: false);
        progress = progress with { Updated = start.Updated, Sid = start.Sid };
        return await jobs.AcceptAsync(request, NewId.Next(), progress.Write(), new CommitPlan());
    }

    private async Task<FhirReply> OfJobAsync(FhirRequest request, CancellationToken ct)
    {
        var target = request.Target;
        if (request.Method is not ("GET" or "HEAD") && !(request.Method == "DELETE" && target.File is null))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.MethodNotAllowed, "An export is asked for with GET and given up with DELETE; its files are fetched with GET."));
        if (await jobs.FindAsync(request, ct) is not { } job || !IsOpen(job, request.Caller.Access, out var progress))
            return jobs.NotFound(target.Id!);
        if (request.Method == "DELETE")
            return await jobs.CancelAsync(job);
        if (target.File is { } file)
            return FileOf(job, progress, file, request.Caller);
        if (job.State != JobState.Done)
            return LeasedJobs.Running(job, progress.Said(job.State), progress.Written);
        return progress.Fault is { } fault ? FhirReply.Refuse(FhirFault.Of(FaultKind.Bug, fault)) : jobs.Done(job, Manifest(request, progress));
    }

    /// <summary>Whether the caller holds what the export was accepted under, and still may export each of its types.</summary>
    private static bool IsOpen(JobRow job, AccessPlan access, out ExportProgress progress)
    {
        progress = ExportProgress.Read(job.Progress);
        return progress.Plan == access.Key && progress.Types.All(t => ExportAccess.Allows(access, t));
    }

    private FhirReply FileOf(JobRow job, ExportProgress progress, string name, Caller caller) =>
        job.State == JobState.Done && progress.Fault is null && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < progress.Files.Count
            ? progress.IsParquet && progress.Files[number] is { Kind: ExportFile.Output, Type: not AccessPlan.Binary } // each row is whole in memory, and a Binary may be large
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
}
