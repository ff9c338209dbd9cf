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

    private const string ErrorFile = "errors";

    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    private readonly LeasedJobs jobs = new(Kind, KeptFor, store, clock, worker.Wake);

    public static IEnumerable<Operation> List(IServiceProvider services)
    {
        // What may be imported is asked type by type.
        ImportOperation Import() => services.GetRequiredService<ImportOperation>();
        yield return new("import", "urn:fhiremr:OperationDefinition:import", [], false, false, true, (r, ct) => Import().HandleAsync(r, ct)) { Right = null, HasJobs = true };
    }

    /// <summary>Whether resources of the type may be imported at all; each is then written under the caller's rights like any other.</summary>
    public static bool Allows(AccessPlan access, string type) => access.IsEverything || access.Of(type).Allows(Interaction.Import);

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => request.Target.IsOfJob ? OfJobAsync(request, ct) : BeginAsync(request, NewId.Next(), isTaken: false, ct);

    /// <param name="request">The call.</param>
    /// <param name="id">The job's: one that is there already is left alone.</param>
    /// <param name="isTaken">The worker of this process has it from the beginning, and no other one.</param>
    /// <param name="ct">Stops it.</param>
    public async Task<FhirReply> BeginAsync(FhirRequest request, string id, bool isTaken, CancellationToken ct)
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
        var (asked, fault) = ImportRequest.Read(request, sent, isTaken ? int.MaxValue : ImportRequest.MostInputs); // the operator's own command knows what it does
        if (asked is null)
            return FhirReply.Refuse(fault!);
        if (asked.Inputs.Select(i => i.Type).OfType<string>().FirstOrDefault(t => !Allows(access, t)) is { } closed)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Forbidden, $"You may not import {closed}."));
        if (sent is null && asked.Inputs.Select(i => sources.Fault(i.Url, access)).OfType<string>().FirstOrDefault() is { } unreachable)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, unreachable, code: "value"));
        if (sent is null && asked.Inputs.Select(i => i.Url).FirstOrDefault(sources.IsMissing) is { } missing)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"{missing} is not in the import folder.", code: "not-found"));
        if (await jobs.CrowdFaultAsync(request.Caller, ct) is { } crowd)
            return FhirReply.Refuse(crowd);

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
        var progress = new ImportProgress($"{request.BaseUrl}/$import{(query.Length == 0 ? "" : "?" + query)}", access.Key, now, asked.Terms, inputs) { Folder = sources.Folder, FirstSid = store.ReserveSids(1) };
        return await jobs.AcceptAsync(request, id, progress.Write(), plan, isTaken ? worker.Claim(id) : null);
    }

    private async Task<FhirReply> OfJobAsync(FhirRequest request, CancellationToken ct)
    {
        var target = request.Target;
        if (request.Method is not ("GET" or "HEAD") && !(request.Method == "DELETE" && target.File is null))
            return FhirReply.Refuse(FhirFault.Of(FaultKind.MethodNotAllowed, "An import is asked for with POST and given up with DELETE; what it refused is fetched with GET."));
        if (await jobs.FindAsync(request, ct) is not { } job || ImportProgress.Read(job.Progress) is not { } progress || progress.Plan != request.Caller.Access.Key)
            return jobs.NotFound(target.Id!);
        if (request.Method == "DELETE")
            return await jobs.CancelAsync(job);
        if (target.File is { } file)
            return file == ErrorFile && job.State == JobState.Done && progress.Errors is { IsClosed: true } errors
                ? new FhirReply(200) { ContentType = ExportOperation.NdJson, Body = new(), More = files.ReadAsync(errors, request.Caller.Access, CancellationToken.None) }
                : FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound, $"The import {job.Id} has no file {file}."));
        if (job.State != JobState.Done)
            return LeasedJobs.Running(job, progress.Said(job.State), progress.Lines);
        if (progress.Fault is { } fault)
            return FhirReply.Refuse(FhirFault.Of(progress.IsOurFault ? FaultKind.Bug : FaultKind.Unprocessable, fault + (progress.Lines > 0 ? $" {progress.Lines} lines had been done by then." : " Nothing was written.")));
        return jobs.Done(job, Manifest(request, progress));
    }

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
}
