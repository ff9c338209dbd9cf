namespace FhirEmr.Conformance.Tests.Model;

/// <summary>What the record must hold: of each patient every version, a family name or null for a deletion.</summary>
internal sealed class RecordModel
{
    private readonly Dictionary<string, List<string?>> versions = [];

    public IEnumerable<string> Ids => versions.Keys;

    public IEnumerable<string> Living => versions.Where(v => v.Value[^1] is not null).Select(v => v.Key);

    public int VersionOf(string id) => versions.TryGetValue(id, out var all) ? all.Count : 0;

    public string? NameOf(string id) => versions.TryGetValue(id, out var all) ? all[^1] : null;

    public IReadOnlyList<string?> HistoryOf(string id) => versions[id];

    /// <summary>Whether this makes a version: what changes nothing does not.</summary>
    public bool Put(string id, string name)
    {
        if (NameOf(id) == name)
            return false;
        Add(id, name);
        return true;
    }

    public bool Delete(string id)
    {
        if (NameOf(id) is null)
            return false;
        Add(id, null);
        return true;
    }

    private void Add(string id, string? name)
    {
        if (!versions.TryGetValue(id, out var all))
            versions[id] = all = [];
        all.Add(name);
    }
}
