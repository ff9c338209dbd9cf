using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Reindex;
using Hl7.Fhir.Model;
using FhirParameters = Hl7.Fhir.Model.Parameters;

namespace FhirEmr.FhirServer.Operations.Reindexing;

/// <summary><c>$reindex</c>: POST begins or goes on writing index rows in the background, GET tells how far they are.</summary>
/// <remarks>
/// On the system, for every type or the one of <c>type</c>: rows that are missing are put in and rows that
/// are too many taken away, after a change of what is indexed (which begins it by itself, at start). On a
/// SearchParameter: its rows anew, also after its expression failed. Replies 202 with the address that tells the progress, 200, 404, 422.
/// </remarks>
internal sealed class ReindexOperation(ResourceStore store, CustomParameterRegistry registry, TimeProvider clock)
{
    public const string Definition = "urn:fhiremr:OperationDefinition/reindex";

    public Task<FhirReply> HandleAsync(FhirRequest request, CancellationToken ct) => request.Target.Id is { } id
        ? OfParameterAsync(request, id, ct)
        : OfSystemAsync(request, ct);

    private async Task<FhirReply> OfSystemAsync(FhirRequest request, CancellationToken ct)
    {
        var (input, fault) = OperationInput.Read(request, "type");
        if (fault is not null)
            return FhirReply.Refuse(fault);
        var type = input["type"];
        if (type is not null && !ResourceTypes.Exists(type))
        {
            var near = NearestName.Of(type, ResourceTypes.All);
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Invalid, $"'{type}' is not a resource type.{(near is null ? "" : $" Did you mean '{near}'?")}", code: "value"));
        }

        var jobs = await registry.JobsAsync(ct);
        if (request.Method != "POST")
            return FhirReply.Of(Progress(jobs.Where(j => type is null || j.Progress.Types.Contains(type))));

        var id = type is null ? IndexCurrency.JobId : $"{IndexCurrency.JobId}-{type}";
        if (jobs.Find(j => j.Row.Id == id) is { IsUnfinished: true } running)
            return Started(running, "$reindex");

        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var progress = new ReindexProgress { Code = "*", Types = [type ?? ""] };
        var job = type is null ? IndexCurrency.Job(now) : new ReindexJob(new(id, ReindexJob.Waiting, "", 0, now, now, progress.Write()), progress);
        await registry.ChangeAsync([PlanStatement.Of(ReindexJobSql.Delete(store.Dialect, id)), PlanStatement.Of(ReindexJobSql.Insert(store.Dialect, ReindexJob.Kind, job.Row))], ct);
        registry.Work.Release();
        return Started(job, "$reindex");
    }

    private async Task<FhirReply> OfParameterAsync(FhirRequest request, string id, CancellationToken ct)
    {
        await registry.RefreshAsync(ct);
        if (registry.Entries.FirstOrDefault(e => e.Id == id) is not { } entry)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.NotFound, $"SearchParameter/{id} is not a custom search parameter in force: only active ones of this server's own store are indexed."));
        if (request.Method != "POST")
        {
            var job = (await registry.JobsAsync(ct)).Find(j => j.Row.Id == entry.Job?.Row.Id) ?? entry.Job;
            return FhirReply.Of(Progress(job is null ? [] : [job with { Progress = job.Progress with { Fault = entry.State.Fault } }]));
        }

        if (entry.Job is null)
            return FhirReply.Refuse(FhirFault.Of(FaultKind.Unprocessable, $"SearchParameter/{id} cannot be indexed: {entry.State.Fault ?? "it has only just been stored; ask again in a moment"}."));
        if (entry.State.Stage == IndexStage.Indexing)
            return Started(entry.Job, $"SearchParameter/{id}/$reindex");

        // Under a name of their own: rows of a parameter out of use were not kept up to date, and must not count.
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var attempt = int.Parse(entry.Job.Row.Id[(entry.Job.Row.Id.LastIndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture) + 1;
        var fresh = ReindexJob.For(entry.Definition, id, entry.Sid, entry.Version, attempt, now);
        var old = entry.Job.With(ReindexJob.Removing, entry.Job.Progress with { Fault = null }, "", 0, now);
        if (!await registry.ChangeAsync(
            [
                PlanStatement.Of(ReindexJobSql.Update(store.Dialect, old, entry.Job.Row.Updated), "The index was moved on by someone else."),
                PlanStatement.Of(ReindexJobSql.Insert(store.Dialect, ReindexJob.Kind, fresh.Row), "The index was started by someone else."),
            ], ct))
            return FhirReply.Refuse(FhirFault.Busy($"The index of SearchParameter/{id}"));
        await registry.RefreshAsync(ct);
        return Started(fresh, $"SearchParameter/{id}/$reindex");
    }

    private static FhirReply Started(ReindexJob job, string status) => FhirReply.Of(Progress([job]), 202) with { Location = status };

    private static FhirParameters Progress(IEnumerable<ReindexJob> jobs)
    {
        var answer = new FhirParameters();
        foreach (var job in jobs)
        {
            var progress = job.Progress;
            var part = new FhirParameters.ParameterComponent { Name = "job" };
            part.Part.Add(new() { Name = "id", Value = new FhirString(job.Row.Id) });
            part.Part.Add(new() { Name = "state", Value = new Code(progress.Fault is not null ? ReindexJob.Failed : job.Row.State) });
            if (progress.Parameter is { } parameter)
            {
                part.Part.Add(new() { Name = "parameter", Value = new ResourceReference($"SearchParameter/{parameter}") });
                part.Part.Add(new() { Name = "code", Value = new Code(progress.Code) });
            }

            if (progress.At < progress.Types.Count && job.Row.State == ReindexJob.Running)
                part.Part.Add(new() { Name = "type", Value = new Code(progress.Types[progress.At]) });
            part.Part.Add(new() { Name = "done", Value = new FhirDecimal(progress.Done) });
            if (progress.Total >= 0)
                part.Part.Add(new() { Name = "total", Value = new FhirDecimal(progress.Total) });
            part.Part.Add(new() { Name = "percent", Value = new Integer(Percent(job)) });
            part.Part.Add(new() { Name = "updated", Value = new Instant(DateTimeOffset.FromUnixTimeMilliseconds(job.Row.Updated)) });
            if (progress.Fault is not null)
                part.Part.Add(new() { Name = "error", Value = new FhirString(progress.Fault) });
            answer.Parameter.Add(part);
        }

        return answer;
    }

    private static int Percent(ReindexJob job) => job.Row.State == ReindexJob.Done ? 100
        : job.Progress.Total > 0 ? (int)Math.Min(99, job.Progress.Done * 100 / job.Progress.Total) : 0;
}
