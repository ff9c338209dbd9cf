using FhirEmr.BillingBridge;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Billing;

/// <summary>The billing bridge joined to this server's records.</summary>
internal static class BillingServices
{
    public static void AddBilling(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BillingOptions>().Bind(configuration.GetSection("Billing"));
        services.AddSingleton<BillingSetup>();
        services.AddSingleton(sp => new ClaimPipeline(
            sp.GetRequiredService<IFhirRecords>(), sp.GetRequiredService<ITerminology>(), sp.GetRequiredService<BillingSetup>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<BillingOperations>();
        services.AddSingleton<BillingCursor>();
        services.AddSingleton<EncounterWatch>();
    }

    public static void AddDemoBilling(this IServiceCollection services)
    {
    }
}
