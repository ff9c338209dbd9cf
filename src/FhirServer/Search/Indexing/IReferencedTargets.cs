using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Parameters;
using FhirEmr.FhirServer.Search.Query;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>What includes need to know about references and that no statement tells.</summary>
internal interface IReferencedTargets
{
    /// <summary>What the resource refers to through the include's parameter (all parameters when it is null).</summary>
    /// <remarks>The index has no way from a resource to its rows, by design: forward references are read from the bodies of the page.</remarks>
    IEnumerable<ReferencedTarget> Of(StoredResource resource, Include include);

    /// <summary>Whether values of the parameter may be canonicals.</summary>
    bool MayBeCanonical(SearchParam param);

    /// <summary>The parameter that finds resources of the type by their canonical URL; null when they have none.</summary>
    SearchParam? UrlOf(string type);
}

/// <param name="Key">A resource of this server; null for a canonical URL.</param>
/// <param name="Url">The canonical URL, without version; null when the key is given.</param>
/// <param name="Version">The version it must have; null for whichever is current, or of several definitions the newest.</param>
/// <param name="Types">The types that a canonical may name.</param>
internal readonly record struct ReferencedTarget(ResourceKey? Key, string? Url, string? Version, IReadOnlyList<string> Types);
