using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Hosting;

/// <summary><c>/health/live</c>: the process runs. <c>/health/ready</c>: the database answers and takes writes. <c>/health/startup</c>: as ready.</summary>
internal static class HealthEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("live\n")).ExcludeFromDescription();
        app.MapGet("/health/ready", ReadyAsync).ExcludeFromDescription();
        app.MapGet("/health/startup", ReadyAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(IResourceStore store, IHostApplicationLifetime host, CancellationToken ct)
    {
        if (host.ApplicationStopping.IsCancellationRequested)
            return Results.Text("stopping\n", statusCode: 503); // the load balancer is to look elsewhere at once
        try
        {
            return await store.IsReadyAsync(ct) ? Results.Text("ready\n") : Results.Text("the database takes no writes\n", statusCode: 503);
        }
        catch (Exception e) when (e is System.Data.Common.DbException or TimeoutException or StorageUnavailableException or StorageFailedException)
        {
            return Results.Text("the database does not answer\n", statusCode: 503);
        }
    }
}
