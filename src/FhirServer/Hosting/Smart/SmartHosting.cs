using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Security.Smart;
using FhirEmr.FhirServer.Security.Smart.Authorize;
using FhirEmr.FhirServer.Security.Smart.Launch;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting.Smart;

/// <summary>What the authorisation server needs of the host: its address, the records to launch on, the way from a request to its caller.</summary>
internal static class SmartHosting
{
    public static IServiceCollection AddSmartHosting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSmart(configuration);
        services.AddOpenIddict().AddServer(server =>
        {
            server.AddEventHandler(ClientTokenRate.Descriptor);
            server.AddEventHandler(ClientTokenRate.StatusDescriptor);
        });
        services.AddSingleton<TokenRates>();
        services.AddSingleton<IServerIdentity>(sp => new ServerIdentity(sp.GetRequiredService<IOptions<ServerOptions>>(), configuration, sp.GetService<IServer>()));
        services.AddSingleton<ILaunchRecords, LaunchRecords>();
        services.AddSingleton<ISignIns, SessionSignIns>();
        services.AddSingleton<LaunchEndpoint>();
        services.AddSingleton<ICallers, BearerCallers>();
        return services;
    }
}
