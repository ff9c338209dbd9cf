using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Concepts;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Security.Access;
using FhirEmr.FhirServer.Storage.Query;

namespace FhirEmr.FhirServer.Interactions.Past;

/// <summary>Value sets and code systems as they were kept at an instant.</summary>
internal sealed class PastDefinitions(IPast past, SearchParameters parameters, DateTimeOffset instant) : IDefinitions
{
    public async ValueTask<FhirNode?> FindAsync(string type, string canonical, CancellationToken ct)
    {
        if (ResourceKey.TryParseRelative(canonical, out var key, out _) && key.Type == type)
            return StoredDefinitions.Read(await past.ReadAsync(key, instant, SystemPlans.Definitions, ct));

        var (query, version) = StoredDefinitions.Versions(parameters, type, canonical);
        return StoredDefinitions.Newest((await past.SearchAsync(query, instant, SystemPlans.Definitions, ct)).Matches, version);
    }
}
