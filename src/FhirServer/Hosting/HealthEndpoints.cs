namespace FhirEmr.FhirServer.Hosting;

/// <summary><c>/health/live</c>: the process runs. <c>/health/ready</c>: see <see cref="Readiness"/>. <c>/health/startup</c>: as ready.</summary>
internal static class HealthEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Text("live\n")).ExcludeFromDescription();
        app.MapGet("/health/ready", ReadyAsync).ExcludeFromDescription();
        app.MapGet("/health/startup", ReadyAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness, CancellationToken ct)
    {
        var (isReady, text) = await readiness.AskAsync(ct);
        return Results.Text(text + "\n", statusCode: isReady ? 200 : 503);
    }
}
