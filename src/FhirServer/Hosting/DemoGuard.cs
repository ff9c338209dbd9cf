using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Commit;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Keeps the demo, whose passwords stand on a terminal, away from everything that is real (security S-101).</summary>
internal sealed class DemoGuard(RequestDelegate next)
{
    private const string Mark = "Demo";

    /// <summary>Null when a demo may start with these settings; else a sentence with the fix.</summary>
    /// <param name="noSeed">Without the demo practice it is the server itself that is tried or measured, on whichever engine, over an empty database.</param>
    public static string? Fault(IConfiguration configuration, bool noSeed)
    {
        if (ProductionGuard.IsProduction)
            return "The demo does not start where ASPNETCORE_ENVIRONMENT is Production: leave --demo out, or unset the variable.";
        if (!noSeed && configuration["Storage:Provider"] is { } provider and not StorageOptions.Sqlite)
            return $"The demo keeps its invented records in a SQLite folder of its own, not in {provider}: leave Storage:Provider out.";
        return TrustedProxies.AreThere(configuration) ? "The demo answers to this machine only: leave Proxy:Trusted out." : null;
    }

    /// <summary>A demo opens no records that are not its own, and nothing but a demo opens a demo's.</summary>
    /// <exception cref="StorageRefusedException">The folder belongs to the other kind.</exception>
    public static async Task CheckStoreAsync(IServiceProvider services, CancellationToken ct)
    {
        var (store, configuration) = (services.GetRequiredService<IResourceStore>(), services.GetRequiredService<IConfiguration>());
        bool isMarked;
        await using (var session = await store.SnapshotAsync(SystemPlans.Settings, ct))
            isMarked = (await session.QueryAsync(SettingSql.Find(store.Dialect, Mark), r => r.Text(0), ct)).Count > 0;
        var isDemo = configuration["Auth:Mode"] == AuthOptions.Demo;
        if (isDemo == isMarked)
            return;
        if (isMarked)
            throw new StorageRefusedException("These records are a demo's, whose passwords were shown on a terminal: start with --demo, or choose another Storage:DataFolder.");
        if ((await store.ChangesAsync(-1, 1, SystemPlans.Settings, ct)).Count > 0)
            throw new StorageRefusedException("There are records here that are no demo's: start without --demo, or choose another Storage:DataFolder.");

        var plan = new CommitPlan();
        plan.Statements.AddRange(SettingSql.Save(Mark, "true"));
        await store.CommitAsync(plan, CancellationToken.None);
    }

    /// <summary>A request that came through a proxy came from elsewhere.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded"))
            return next(http);
        var fault = FhirFault.Of(FaultKind.Forbidden, "The demo takes no forwarded requests: it is for this machine only.");
        http.Response.StatusCode = fault.Status;
        http.Response.ContentType = FhirFormats.JsonMediaType + "; charset=utf-8";
        return http.Response.Body.WriteAsync(FhirFormats.ToJson(fault.ToOutcome()), http.RequestAborted).AsTask();
    }
}
