namespace FhirEmr.FhirServer.Validation.Definitions;

/// <summary>Definitions by type and canonical URL, versions side by side.</summary>
internal sealed class DefinitionIndex<T>
{
    private readonly Dictionary<(string Type, string Url), List<(DefinitionEntry Entry, T Value)>> byUrl = [];

    public DefinitionIndex(IEnumerable<(DefinitionEntry Entry, T Value)> definitions)
    {
        foreach (var definition in definitions)
        {
            var key = (definition.Entry.Type, definition.Entry.Url);
            if (!byUrl.TryGetValue(key, out var versions))
                byUrl[key] = versions = new(1);
            versions.Add(definition);
        }

        // Active ones last, newest last: the first of equals stays before the others.
        foreach (var versions in byUrl.Values)
            if (versions.Count > 1)
                versions.Sort((x, y) => x.Entry.IsActive != y.Entry.IsActive ? x.Entry.IsActive.CompareTo(y.Entry.IsActive)
                    : DefinitionVersions.Compare(x.Entry.Version, y.Entry.Version) is not 0 and var order ? order
                    : y.Entry.Place.CompareTo(x.Entry.Place));
    }

    public static DefinitionIndex<T> Empty { get; } = new([]);

    /// <summary>Canonical URLs of a type, each once.</summary>
    public IEnumerable<string> Urls(string type) => byUrl.Keys.Where(k => k.Type == type).Select(k => k.Url);

    /// <summary>The version asked for; without one the newest active, else the newest.</summary>
    public bool TryFind(string type, string url, string? version, out DefinitionEntry entry, out T value)
    {
        if (byUrl.TryGetValue((type, url), out var versions))
            for (var i = versions.Count - 1; i >= 0; i--)
                if (version is null || DefinitionVersions.Fits(versions[i].Entry.Version, version))
                {
                    (entry, value) = versions[i];
                    return true;
                }

        (entry, value) = (default, default!);
        return false;
    }
}
