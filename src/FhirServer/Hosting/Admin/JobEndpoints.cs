using System.Text.Json;
using FhirEmr.FhirServer.Hosting.Jobs;
using FhirEmr.FhirServer.Interactions.Jobs;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Operations.Import;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Jobs;

namespace FhirEmr.FhirServer.Hosting.Admin;

/// <summary><c>/admin/jobs</c>: what the server does by the clock and what clients asked it to do beside their requests, as the tables have it.</summary>
internal static class JobEndpoints
{
    private const int MostJobs = 200;

    public static void Map(WebApplication app)
    {
        app.MapGet("/admin/jobs", (HttpContext http, Administrators administrators, Duties duties, DutyRunner runner, JobServer server, IResourceStore store, CancellationToken ct) =>
            administrators.AnswerAsync(http, async _ => Results.Json(await ListAsync(duties, runner, server, store, ct), JsonSerializerOptions.Web), ct)).ExcludeFromDescription();
        app.MapPost("/admin/jobs/duties/{id}", (string id, HttpContext http, Administrators administrators, Duties duties, JobServer server, CancellationToken ct) =>
            administrators.AnswerAsync(http, async caller =>
            {
                if (!duties.All.Any(duty => duty.Id == id))
                    return Administrators.Refuse(FaultKind.NotFound, $"There is no duty '{id}': {string.Join(", ", duties.All.Select(duty => duty.Id))}.");
                if (!server.Begin(id))
                    return Administrators.Refuse(FaultKind.Unavailable, "The jobs have not started yet; ask again in a moment.");
                await administrators.RecordAsync(http, caller, "job-begun", id);
                return Results.Accepted("/admin/jobs");
            }, ct)).ExcludeFromDescription();
        app.MapDelete("/admin/jobs/{id}", (string id, HttpContext http, Administrators administrators, IResourceStore store, CancellationToken ct) =>
            administrators.AnswerAsync(http, async caller =>
            {
                if (await store.AnyJobAsync(id, ct) is not var (job, _) || job.Kind == DutyRunner.Kind)
                    return Administrators.Refuse(FaultKind.NotFound, $"There is no job '{id}'.");
                if (job.State is not (JobState.Queued or JobState.Running))
                    return Administrators.Refuse(FaultKind.Conflict, $"The job '{id}' is {job.State} already.");
                if (job.Kind is not (RequestJobs.Kind or ExportOperation.Kind or ImportOperation.Kind))
                    return Administrators.Refuse(FaultKind.Conflict, $"A job of the kind '{job.Kind}' is not given up half way: it ends by itself.");
                var plan = new CommitPlan();
                plan.Statements.Add(job.Kind == RequestJobs.Kind ? JobSql.Remove(id, job.Client) : JobSql.Cancel(id, job.Client));
                await store.CommitAsync(plan, CancellationToken.None);
                await administrators.RecordAsync(http, caller, "job-cancelled", id);
                return Results.NoContent();
            }, ct)).ExcludeFromDescription();
    }

    private static async Task<object> ListAsync(Duties duties, DutyRunner runner, JobServer server, IResourceStore store, CancellationToken ct)
    {
        var next = server.Next();
        var standing = new List<object>();
        foreach (var duty in duties.All)
        {
            var (run, _, isRunning) = await runner.StandingAsync(duty.Id, ct);
            standing.Add(new { duty.Id, duty.Description, duty.Cron, IsRunning = isRunning, LastBegan = run.Began, LastSeconds = Math.Round(run.Seconds, 3), run.Failures, run.Error, Next = next.GetValueOrDefault(duty.Id) });
        }

        var jobs = (await store.NewestJobsAsync(DutyRunner.Kind, MostJobs, ct)).Select(found => new
        {
            found.Job.Id,
            found.Job.Kind,
            found.Job.State,
            found.Job.Client,
            Progress = Said(found.Job),
            Created = DateTimeOffset.FromUnixTimeMilliseconds(found.Job.Created),
            Updated = DateTimeOffset.FromUnixTimeMilliseconds(found.Job.Updated),
            LeaseUntil = found.LeaseUntil == 0 ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(found.LeaseUntil),
        });
        return new { Dashboard = JobDashboard.Path, Duties = standing, Jobs = jobs };
    }

    /// <summary>How far it is, where its row says that; null for what is done in one go.</summary>
    private static string? Said(JobRow job) => job.State is JobState.Cancelled ? null : job.Kind switch
    {
        ExportOperation.Kind => ExportProgress.Read(job.Progress).Said(job.State),
        ImportOperation.Kind => ImportProgress.Read(job.Progress).Said(job.State),
        _ => null,
    };
}
