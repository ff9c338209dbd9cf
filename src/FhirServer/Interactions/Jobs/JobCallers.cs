using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Interactions.Jobs;

/// <summary>Who a job runs for: whoever asked, with the rights they hold when it runs (security.md S-39).</summary>
internal sealed class JobCallers(IAccessPlanner planner)
{
    /// <summary>Null when the rights are no longer those it was accepted under.</summary>
    public async ValueTask<Caller?> OfAsync(StoredJob job, string client, CancellationToken ct)
    {
        if (job.Principal is not { } principal)
            return job.Plan == SystemPlans.Work.Key ? Caller.System with { Name = client } : null;
        var access = await planner.PlanAsync(principal, ct);
        return access.Key == job.Plan ? new Caller(client, access) { Principal = principal } : null;
    }
}
