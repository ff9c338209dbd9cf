using FhirEmr.FhirServer.Interactions;
using FhirEmr.FhirServer.Operations;
using FhirEmr.FhirServer.Operations.Emergency;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Security.Access.Consents;
using FhirEmr.FhirServer.Security.Access.Planning;
using FhirEmr.FhirServer.Security.Access.Roles;
using FhirEmr.FhirServer.Security.Accounts.Emergency;
using FhirEmr.FhirServer.Security.Accounts.Roles;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using FhirEmr.FhirServer.Storage;
using Microsoft.Extensions.Options;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>What turns who asks into what they may. It stands on the accounts and the store.</summary>
internal static class AccessServices
{
    private const int MostConsents = 1000; // a page

    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccessOptions>().Bind(configuration.GetSection("Access"));
        services.AddSingleton<StoredRoles>();
        services.AddSingleton<IRoleBook>(sp => sp.GetRequiredService<StoredRoles>());
        services.AddSingleton<RoleAdministration>();
        services.AddSingleton<BreakGlassBook>();
        services.AddSingleton<PatientReach>();
        services.AddSingleton<Constraints>();
        services.AddSingleton(sp =>
        {
            // A label's system has a number before any resource carries it: the condition then holds for the very first one.
            var symbols = sp.GetRequiredService<IResourceStore>().Symbols;
            symbols.Intern(LabelRules.Confidentiality);
            symbols.Intern(LabelRules.ActCode);
            return new LabelRules(sp.GetRequiredService<Constraints>(), sp.GetRequiredService<IOptions<AccessOptions>>());
        });
        services.AddSingleton(sp => new OwnPatients(
            (key, ct) => sp.GetRequiredService<IResourceStore>().ReadAsync(key, Caller.System.Access, ct), sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<TimeZoneInfo>()));
        services.AddSingleton(sp => new ConsentBook(ct => ActiveConsentsAsync(sp, ct), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ConsentRules>();
        services.AddSingleton(sp => new OptOuts(
            sp.GetRequiredService<ConsentBook>(), (patient, names, ct) => sp.GetRequiredService<AppOptOut>().RevokeAsync(patient, names, ct), sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<TimeZoneInfo>()));
        services.AddSingleton(sp => new AccessPlanner(
            sp.GetRequiredService<IRoleBook>(), sp.GetRequiredService<PatientReach>(), sp.GetRequiredService<OwnPatients>(), sp.GetRequiredService<Constraints>(), sp.GetRequiredService<LabelRules>(),
            sp.GetRequiredService<ConsentRules>(), (user, ct) => sp.GetRequiredService<BreakGlassBook>().PatientsOfAsync(user, ct), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IAccessPlanner>(sp => sp.GetRequiredService<AccessPlanner>());
        services.AddSingleton(sp => new BreakGlass(sp.GetRequiredService<BreakGlassBook>(), sp.GetRequiredService<AccessPlanner>(), sp.GetRequiredService<IResourceStore>(),
            (request, ct) => sp.GetRequiredService<FhirInteractions>().HandleAsync(request, ct)));
        services.AddSingleton(sp => new RestrictedData(
            sp.GetRequiredService<AccessPlanner>(), new CompartmentCriterion(sp.GetRequiredService<SearchParameters>(), sp.GetRequiredService<IReferenceLookup>()), sp.GetRequiredService<IResourceStore>()));
        return services;
    }

    /// <summary>Operations that are about access.</summary>
    public static IEnumerable<Operation> Operations(IServiceProvider services)
    {
        yield return new("break-glass", BreakGlass.Definition, ["Patient"], false, true, true, (r, ct) => services.GetRequiredService<BreakGlass>().HandleAsync(r, ct)) { Right = BreakGlassBook.Right };
        yield return new("restricted-data", RestrictedData.Definition, ["Patient"], false, true, false, (r, ct) => services.GetRequiredService<RestrictedData>().HandleAsync(r, ct)) { Right = BreakGlassBook.Right };
    }

    private static async Task<IReadOnlyList<StoredResource>> ActiveConsentsAsync(IServiceProvider services, CancellationToken ct)
    {
        var parse = await services.GetRequiredService<SearchParser>().ParseAsync("Consent", [new("status", "active")], SearchHandling.Strict, null, ct);
        var query = ((SearchParse.Parsed)parse).Query with { Count = MostConsents };
        var found = new List<StoredResource>();
        for (SearchPage? page = null; page is null || page.Next is not null;)
        {
            page = await services.GetRequiredService<IResourceStore>().SearchAsync(query with { After = page?.Next }, Caller.System.Access, ct);
            found.AddRange(page.Matches);
        }

        return found;
    }
}
