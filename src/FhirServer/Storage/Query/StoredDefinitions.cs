using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Concepts;
using FhirEmr.FhirServer.Search.Indexing;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Storage.Query;

/// <summary>Value sets and code systems out of the store.</summary>
internal sealed class StoredDefinitions(IResourceStore store, SearchParameters parameters) : IDefinitions
{
    private const int MaxVersions = 100;

    // A definition says what codes mean, for everyone alike. What a caller may see of the resources that use them is left to the search itself.
    private static readonly AccessPlan Access = SystemPlans.Definitions;

    public async ValueTask<FhirNode?> FindAsync(string type, string canonical, CancellationToken ct)
    {
        if (ResourceKey.TryParseRelative(canonical, out var key, out _) && key.Type == type)
            return Read(await store.ReadAsync(key, Access, ct));

        var (query, version) = Versions(parameters, type, canonical);
        return Newest((await store.SearchAsync(query, Access, ct)).Matches, version);
    }

    /// <summary>The search for the definitions under a URL, and the version wanted; null for the newest.</summary>
    public static (SearchQuery Query, string? Version) Versions(SearchParameters parameters, string type, string canonical)
    {
        var bar = canonical.LastIndexOf('|');
        var (url, version) = bar < 0 ? (canonical, null) : (canonical[..bar], canonical[(bar + 1)..]);
        return (new(type, new SearchExpression.Uri(parameters.Find(type, "url")!, UriIndexer.Cut(url), Below: false)) { Count = MaxVersions }, version);
    }

    public static FhirNode? Newest(IEnumerable<StoredResource> versions, string? version)
    {
        var found = versions.Select(m => (Node: Read(m), m.LastUpdated)).Where(m => m.Node is not null)
            .Select(m => (Node: m.Node!.Value, Version: m.Node.Value.TextOf("version") ?? "", m.LastUpdated));
        return found.Where(m => version is null || m.Version == version)
            .OrderByDescending(m => m.Version, BusinessVersions.Order).ThenByDescending(m => m.LastUpdated).Select(m => (FhirNode?)m.Node).FirstOrDefault();
    }

    public static FhirNode? Read(StoredResource? stored) =>
        stored is { IsDeleted: false } && FhirJsonReader.Read(stored.Json, out _) is { } tree ? tree.Root : null;
}

/// <summary>Order of business versions: numbers as numbers, so that 1.10 comes after 1.9; an absent version is the oldest.</summary>
internal static class BusinessVersions
{
    public static Comparer<string> Order { get; } = Comparer<string>.Create((x, y) => string.CompareOrdinal(Padded(x), Padded(y)));

    private static string Padded(string version) => string.Join('.', version.Split('.', '-').Select(p => p.Length < 20 && p.All(char.IsAsciiDigit) ? p.PadLeft(20, '0') : p));
}
