using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using Hangfire;
using Hangfire.Dashboard;
using Microsoft.AspNetCore.Authentication;

namespace FhirEmr.FhirServer.Hosting.Jobs;

/// <summary>Hangfire's own pages at <c>/admin/jobs/dashboard</c>, for administrators who are signed in (security S-88).</summary>
/// <remarks>
/// Hangfire's rule that local requests are trusted does not hold here: who may is decided before it sees the request. What a page sends back carries the token of
/// its form.
/// </remarks>
internal sealed class JobDashboard(JobServer jobs, ICallers callers, PageCallers pages)
{
    public const string Path = "/admin/jobs/dashboard";

    private AspNetCoreDashboardMiddleware? dashboard;

    public static void Use(WebApplication app) => app.Map(Path, branch => branch.Run(app.Services.GetRequiredService<JobDashboard>().HandleAsync));

    private async Task HandleAsync(HttpContext http)
    {
        var caller = await pages.OfAsync(http, http.RequestAborted);
        if (caller is null && http.Request.Headers.Authorization.Count > 0)
            caller = (await callers.OfAsync(http, http.RequestAborted)).Caller;
        if (caller is null or { Principal: null, Access.IsEverything: false })
        {
            await http.ChallengeAsync(SessionHandler.SchemeName);
        }
        else if (!caller.Access.Holds("admin.config"))
        {
            await Results.Text("The jobs of the server need the right admin.config.", statusCode: 403).ExecuteAsync(http);
        }
        else if (jobs.Storage is not { } storage)
        {
            http.Response.Headers.RetryAfter = "2";
            await Results.Text("The jobs have not started yet; look again in a moment.", statusCode: 503).ExecuteAsync(http);
        }
        else if (HttpMethods.IsPost(http.Request.Method) && !http.Request.HasFormContentType)
        {
            await Results.Text("The pages send forms.", statusCode: 415).ExecuteAsync(http);
        }
        else
        {
            dashboard ??= new(_ => Task.CompletedTask, storage, new DashboardOptions
            {
                Authorization = [],
                AppPath = "/",
                DashboardTitle = "FhirEmr jobs",
                DisplayStorageConnectionString = false,
                DefaultRecordsPerPage = 50,
            }, DashboardRoutes.Routes);
            await dashboard.Invoke(http);
        }
    }
}
