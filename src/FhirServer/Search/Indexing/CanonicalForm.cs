using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>How a canonical stands in the reference index: always as an address, since what it names may come later or be one version of several.</summary>
/// <remarks>
/// Each has two rows. One is of the URL alone, for searches that leave the version open. The other ends in <c>|version</c>, or in a bare <c>|</c>
/// where none is given: there the newest version is meant (references.html#canonical). A canonical that names a resource of this server by type
/// and id has a form of its own, whatever base it was written with.
/// </remarks>
internal static class CanonicalForm
{
    private const string Ours = "canonical:";

    /// <param name="local">The resource of this server that an address names; null when it names none.</param>
    public static string Of(string canonical, Func<string, ResourceKey?> local)
    {
        var bar = canonical.IndexOf('|', StringComparison.Ordinal);
        return local(bar < 0 ? canonical : canonical[..bar]) is { } key ? Ours + key + (bar < 0 ? "" : canonical[bar..]) : canonical;
    }

    /// <summary>The same for contexts that know addresses relative to this server only.</summary>
    public static string Of(string canonical) => Of(canonical, url => ResourceKey.TryParseRelative(url, out var key, out _) ? key : null);
}
