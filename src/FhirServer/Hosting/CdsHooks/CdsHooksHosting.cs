using FhirEmr.FhirServer.CdsHooks;

namespace FhirEmr.FhirServer.Hosting.CdsHooks;

/// <summary>What decision support is made of.</summary>
internal static class CdsHooksHosting
{
    public static IServiceCollection AddCdsHooks(this IServiceCollection services) => services
        .AddSingleton<PatientView>().AddSingleton<OrderSign>().AddSingleton<EncounterDischarge>().AddSingleton<CdsServices>().AddSingleton<CdsAnswers>()
        .AddSingleton<CdsCallers>().AddSingleton<CdsEndpoints>();
}
