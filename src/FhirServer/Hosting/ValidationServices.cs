using FhirEmr.FhirServer.Interactions.Writing;
using FhirEmr.FhirServer.Operations.Validation;
using FhirEmr.FhirServer.Validation;
using FhirEmr.FhirServer.Validation.Definitions;
using FhirEmr.Terminology.ValueSets;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Definitions, and the validator that works with them.</summary>
internal static class ValidationServices
{
    public static IServiceCollection AddValidation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DefinitionsOptions>().Bind(configuration.GetSection("Definitions"));
        services.AddOptions<ValidationOptions>().Bind(configuration.GetSection("Validation"))
            .Validate(o => o.Engine == "profiles", "Validation:Engine: 'profiles' is the only validator that is built in.").ValidateOnStart();
        services.AddSingleton<StoredConformance>();
        services.AddSingleton<ConformanceResources>();
        services.AddSingleton(sp => new DefinitionStore(sp.GetRequiredService<IOptions<DefinitionsOptions>>().Value.Folder, sp.GetRequiredService<StoredConformance>()));
        services.AddSingleton<ICanonicalSource>(sp => sp.GetRequiredService<DefinitionStore>());
        services.AddSingleton<IResourceValidator, ProfileValidator>();
        services.AddSingleton<WriteChecks>();
        services.AddSingleton<Validate>();
        return services;
    }
}
