using System.Text.Json.Nodes;
using FhirEmr.BillingBridge.Charges;
using FhirEmr.Conformance.Tests.Hosting;
using FhirEmr.FhirServer.Billing;
using FhirEmr.FhirServer.Demo;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Tests.Storage;
using Hl7.Fhir.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FhirEmr.Conformance.Tests.Billing;

/// <summary>A server with billing as <c>serve --demo</c> has it: the invented practice, a fee schedule, the mock payer.</summary>
public abstract class BillingServer(PostgresCluster? cluster) : ServerFixture(cluster)
{
    /// <summary>A visit of a faultless chart that is still going on.</summary>
    public const string OpenEncounter = "demo-encounter-02-3";

    public async Task PostBundleAsync(Bundle bundle)
    {
        var reply = await PostAsync("", System.Text.Encoding.UTF8.GetString(FhirFormats.ToJson(bundle)));
        Assert.True(reply.Status == 200, reply.Body);
    }

    /// <summary>Bills an encounter over HTTP.</summary>
    public Task<Reply> ClaimAsync(string encounter, DateOnly? billingDate = null) =>
        PostAsync($"Encounter/{encounter}/$claim{(billingDate is { } day ? $"?billingDate={day:O}" : "")}", """{"resourceType":"Parameters"}""");

    public async Task StoreFeesAsync(DateOnly from) => await PostBundleAsync(Entries.Transaction(DefaultFeeSchedule.Build(from)));

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Services.AddDemoBilling();
        builder.Services.Configure<BillingOptions>(options =>
        {
            options.CycleSeconds = 1;
            options.NightlyAt = "00:00"; // whenever the tests run it is later
        });
    }

    protected override async Task SeedAsync()
    {
        var today = DateOnly.FromDateTime(Services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);
        await StoreFeesAsync(today.AddYears(-2));
        foreach (var bundle in DemoPractice.Bundles(today))
        {
            foreach (var encounter in bundle.Entry.Select(e => e.Resource).OfType<Encounter>().Where(e => e.Id == OpenEncounter))
                encounter.Status = Encounter.EncounterStatus.InProgress;
            await PostBundleAsync(bundle);
        }
    }
}

/// <summary>With the worker beside it, as the program runs.</summary>
public abstract class WorkingBillingServer(PostgresCluster? cluster) : BillingServer(cluster)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Services.AddHostedService<BillingWorker>();
    }
}

/// <summary>With the scrub rules as a check of what clients write.</summary>
public sealed class StrictBilling() : BillingServer(null)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Services.Configure<BillingOptions>(options => options.ClaimsOnWrite = ClaimsOnWrite.Refuse);
    }
}

public sealed class SqliteBilling() : BillingServer(null);

/// <summary>As another installation's billing sees it: a client for itself that may write the record and submit claims.</summary>
public sealed class RestBilling() : BillingServer(null)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Services.AddSingleton<ICallers, BillingClient>();
    }

    private sealed class BillingClient : ICallers
    {
        private static readonly Caller Hub = new("hub", new AccessPlan("hub", ResourceTypes.All.ToDictionary(t => t, _ => TypeAccess.All), ["claim.submit"])) { Principal = new("hub", "token", "") };

        public ValueTask<(Caller Caller, FhirFault? Fault)> OfAsync(HttpContext http, CancellationToken ct) => new((Hub, null));
    }
}

public sealed class PostgresBilling(PostgresCluster cluster) : BillingServer(cluster);

public sealed class SqliteWorkingBilling() : WorkingBillingServer(null);

public sealed class PostgresWorkingBilling(PostgresCluster cluster) : WorkingBillingServer(cluster);

/// <summary>The answer of <c>$claim</c> and <c>$rescrub</c>.</summary>
internal static class ClaimAnswer
{
    public static string Claim(this Reply reply) => Value(reply, "claim")["valueReference"]!["reference"]!.GetValue<string>();

    public static string Stage(this Reply reply) => Value(reply, "stage")["valueCode"]!.GetValue<string>();

    /// <summary>Rules with an error, each once, in order.</summary>
    public static IReadOnlyList<string> HeldBy(this Reply reply) => Rules(Value(reply, "findings")["resource"]!);

    public static IReadOnlyList<string> Rules(JsonNode outcome) =>
        [.. outcome["issue"]!.AsArray().Where(i => i!["severity"]!.GetValue<string>() == "error").Select(i => i!["details"]!["coding"]![0]!["code"]!.GetValue<string>()).Distinct().Order(StringComparer.Ordinal)];

    private static JsonNode Value(Reply reply, string name)
    {
        Assert.True(reply.Status == 200, reply.Body);
        return reply.Json["parameter"]!.AsArray().Single(p => p!["name"]!.GetValue<string>() == name)!;
    }
}
