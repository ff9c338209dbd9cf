using System.Globalization;
using System.Text.Json.Nodes;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary><c>$import</c> of NDJSON files: begun here, done by <see cref="ImportWorker"/>, told of here.</summary>
/// <remarks>
/// The kick-off answers 202 with the address <c>$import/[job]</c>; that answers 202 while it runs, then 200 with what became of each file, or 422 when the
/// files were not what the manifest says and nothing was written. DELETE gives it up: what is written stays. What was refused is a file at
/// <c>$import/[job]/errors</c>. All are 404 for everybody but the client that asked, with the rights it asked under, and a day after it was done.
/// </remarks>
internal sealed class ImportOperation(IResourceStore store, ImportSources sources, ImportStaging staging, ExportFileReader files, ImportWorker worker, TimeProvider clock)
{
    public const string Kind = "import";

    /// <summary>Imports of one client that may be under way at once.</summary>
    private const int MostUnfinished = 5;

    private const string ErrorFile = "errors";

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        // What may be imported is asked type by type.
        ImportOperation Import() => services.GetRequiredService<ImportOperation>();
        yield return new("import", "urn:fhiremr:OperationDefinition:import", [], false, false, true, (r, ct) => Import().HandleAsync(r, ct)) { Right = null, HasJobs = true };
    }

    /// <summary>Whether resources of the type may be imported at all; each is then written under the caller's rights like any other.</summary>
    public static bool Allows(AccessPlan access, string type) => access.IsEverything || access.Of(type).Allows(Interaction.Import);

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => request.Target.IsOfJob ? OfJobAsync(request, ct) : BeginAsync(request, NewId.Next(), ct);

    /// <param name="request">The call.</param>
    /// <param name="id">The job's: one that is there already is left alone.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<FhirReply> BeginAsync(FhirRequest request, string id, CancellationToken ct)
    {
        if (request.Entry is not null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.NotSupported, "$import is asked for by a request of its own, not in a Bundle."));
        if (!request.Prefer.Async)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, "An import is never answered at once: send the header Prefer: respond-async."));
        if (request.IsReadOnly)
            return FhirReply.Refuse(FhirFault.OnlyReads());

        var access = request.Caller.Access;
        if (!ResourceTypes.All.Any(t => Allows(access, t)))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, "You may not import: that takes system/*.cruds and a role with import."));
        var sent = ImportRequest.IsLines(request.ContentType) ? "urn:fhiremr:request" : null;
        var (asked, fault) = ImportRequest.Read(request, sent);
        if (asked is null)
            return FhirReply.Refuse(fault!);
        if (asked.Inputs.Select(i => i.Type).OfType<string>().FirstOrDefault(t => !Allows(access, t)) is { } closed)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, $"You may not import {closed}."));
        if (sent is null && asked.Inputs.Select(i => sources.Fault(i.Url, access)).OfType<string>().FirstOrDefault() is { } unreachable)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, unreachable, code: "value"));
        if (await store.UnfinishedJobsAsync(Kind, request.Caller.Name, ct) >= MostUnfinished)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.TooManyRequests, $"{MostUnfinished} imports of this client are under way: wait for one to end, or give one up.") with { RetryAfter = TimeSpan.FromMinutes(1) });

        var (plan, inputs) = (new CommitPlan(), asked.Inputs);
        if (sent is not null)
        {
            try
            {
                await using var records = new MemoryStream(request.Content!.Value.ToArray(), writable: false);
                (var taken, plan) = await staging.TakeAsync(inputs[0], records, ct);
                inputs = [taken];
            }
            catch (ImportFaultException e)
            {
                return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, e.Message));
            }
        }

        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var query = QueryString.Format(request.Query);
        var progress = new ImportProgress($"{request.BaseUrl}/$import{(query.Length == 0 ? "" : "?" + query)}", access.Key, now, asked.Terms, inputs) { FirstSid = store.ReserveSids(1) };
        plan.Statements.Add(JobSql.Add(new(id, Kind, JobState.Queued, request.Caller.Name, now, now, progress.Write(), []), JobRequest.Write(request)));
        if (await store.CommitAsync(plan, CancellationToken.None) is CommitResult.Stale stale)
            return FhirReply.Refuse(FhirFault.Busy(stale.What));
        worker.Wake();
        return new FhirReply(202) { Location = "$import/" + id };
    }

    private async Task<FhirReply> OfJobAsync(FhirRequest request, CancellationToken ct)
    {
        var target = request.Target;
        if (request.Method is not ("GET" or "HEAD") && !(request.Method == "DELETE" && target.File is null))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.MethodNotAllowed, "An import is asked for with GET and given up with DELETE; what it refused is fetched with GET."));
        if (await store.JobAsync(target.Id!, request.Caller.Name, ct) is not { Kind: Kind } job || !IsOpen(job, request.Caller.Access, out var progress))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound,
                $"There is no import {target.Id}: it was given up, it was done more than {KeptFor.TotalHours} hours ago, it is somebody else's, or your rights have changed since."));
        if (request.Method == "DELETE")
            return await CancelAsync(job);
        if (target.File is { } file)
            return file == ErrorFile && job.State == JobState.Done && progress.Errors is { IsClosed: true } errors
                ? new FhirReply(200) { ContentType = ExportOperation.NdJson, Body = new(), More = files.ReadAsync(errors, request.Caller.Access, CancellationToken.None) }
                : FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound, $"The import {job.Id} has no file {file}."));
        if (job.State != JobState.Done)
            return new FhirReply(202) { Headers = [("X-Progress", Said(job, progress)), ("Retry-After", job.State == JobState.Queued || progress.Lines < 100_000 ? "2" : "10")] };
        if (progress.Fault is { } fault)
            return FhirReply.Refuse(FhirFault.Of(progress.IsOurFault ? FaultKind.Bug : FaultKind.Unprocessable, fault + (progress.Lines > 0 ? $" {progress.Lines} lines had been done by then." : " Nothing was written.")));
        var expires = DateTimeOffset.FromUnixTimeMilliseconds(job.Updated) + KeptFor;
        return new FhirReply(200)
        {
            Json = System.Text.Encoding.UTF8.GetBytes(Manifest(request, progress).ToJsonString()),
            ContentType = "application/json",
            Headers = [("Expires", expires.ToString("R", CultureInfo.InvariantCulture))],
        };
    }

    private bool IsOpen(JobRow job, AccessPlan access, out ImportProgress progress)
    {
        progress = ImportProgress.Read(job.Progress);
        return job.State != JobState.Cancelled && progress.Plan == access.Key
            && (job.State != JobState.Done || clock.GetUtcNow() < DateTimeOffset.FromUnixTimeMilliseconds(job.Updated) + KeptFor);
    }

    private static string Said(JobRow job, ImportProgress progress) => job.State == JobState.Queued ? "waiting"
        : !progress.IsStaged ? string.Create(CultureInfo.InvariantCulture, $"{progress.Inputs.Count(i => i.File is not null)} of {progress.Inputs.Count} files brought in")
        : string.Create(CultureInfo.InvariantCulture, $"{progress.Lines} of {progress.Inputs.Sum(i => i.File!.Count)} lines, {progress.Refused} refused");

    private static JsonObject Manifest(FhirRequest request, ImportProgress progress) => new()
    {
        ["transactionTime"] = FhirInstant.Format(DateTimeOffset.FromUnixTimeMilliseconds(progress.Begun)),
        ["request"] = progress.Asked,
        ["requiresAccessToken"] = true,
        ["output"] = new JsonArray([.. progress.Inputs.Select(i => new JsonObject
        {
            ["type"] = i.Type,
            ["inputUrl"] = ImportErrors.Name(i.Url),
            ["count"] = i.Lines,
            ["created"] = i.Created,
            ["updated"] = i.Updated,
            ["unchanged"] = i.Unchanged,
            ["skipped"] = i.Skipped,
            ["refused"] = i.Refused,
        })]),
        ["error"] = progress.Errors is not { } errors ? [] : new JsonArray(new JsonObject
        {
            ["type"] = "OperationOutcome",
            ["url"] = $"{request.BaseUrl}/$import/{request.Target.Id}/{ErrorFile}",
            ["count"] = errors.Count,
        }),
        ["missing"] = progress.Missing,
        ["dryRun"] = progress.Terms.IsRehearsal,
    };

    private async Task<FhirReply> CancelAsync(JobRow job)
    {
        var plan = new CommitPlan();
        plan.Statements.Add(JobSql.Cancel(job.Id, job.Client));
        await store.CommitAsync(plan, CancellationToken.None);
        worker.Wake();
        return new FhirReply(202);
    }
}
