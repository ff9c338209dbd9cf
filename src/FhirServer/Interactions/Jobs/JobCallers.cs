using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Interactions.Jobs;

/// <summary>Who a job runs for: whoever asked, with the rights they hold when it runs (security.md S-39).</summary>
/// <param name="planner">Absent as long as nobody signs in.</param>
internal sealed class JobCallers(IAccessPlanner? planner = null)
{
    /// <summary>Null when the rights are no longer those it was accepted under.</summary>
    public async ValueTask<Caller?> OfAsync(StoredJob job, string client, CancellationToken ct)
    {
        if (job.Principal is not { } principal)
            return job.Plan == SystemPlans.Work.Key ? Caller.System : job.Plan == SystemPlans.NoSignIn.Key ? new Caller(client, SystemPlans.NoSignIn) : null;
        if (planner is null || await planner.PlanAsync(principal, ct) is not { } access || access.Key != job.Plan)
            return null;
        return new Caller(client, access) { Principal = principal };
    }
}
