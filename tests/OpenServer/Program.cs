using FhirEmr.FhirServer.Hosting;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

// The server without a lock on its door, on this machine only: what signing in, rights and the audit cost is measured against it. The product
// has no such switch, and this program is in no release.
var settings = args.Where(a => a != "serve").ToArray();
var builder = WebHost.CreateBuilder(settings, new Dictionary<string, string?> { ["Audit:Enabled"] = "false" });
if (!new Uri(builder.Configuration["urls"]!).IsLoopback)
    throw new InvalidOperationException("Everybody may do everything here: listen on a loopback address.");
builder.Services.AddSingleton<ICallers, Everybody>();
await using var app = await WebHost.BuildAsync(builder, CancellationToken.None);
await app.RunAsync();

/// <summary>Whoever asks is the system, without being asked who it is.</summary>
internal sealed class Everybody : ICallers
{
    private static readonly Caller System = new("bench", SystemPlans.Work);

    public ValueTask<(Caller Caller, FhirFault? Fault)> OfAsync(HttpContext http, CancellationToken ct) => new((System, null));
}
